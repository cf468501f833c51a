// SPDX-License-Identifier: GPL-2.0-or-later
// constraint-runner: the table of contents. Every error ends here with its exit code.
#include "base/error.hpp"
#include "base/plain_reason.hpp"
#include "cli/frame.hpp"
#include "cli/tell.hpp"

#include <cstdio>
#include <exception>
#include <new>
#include <string>

namespace {

int failed(const std::string& what, runner::base::ExitCode code) {
    std::fflush(stdout);
    runner::cli::note(what);
    return static_cast<int>(code);
}

} // namespace

int main(int argc, char** argv) try {
    runner::cli::Frame frame;
    frame.add_serve();
    frame.add_check();
    frame.add_dump();
    frame.add_migrate();
    frame.add_status();
    frame.add_verify();
    frame.add_reset();
    frame.add_ctl();
    frame.add_import();
    frame.add_events();
    frame.add_config();
    frame.add_checks();
    return frame.run(argc, argv);
} catch (const runner::base::Error& e) {
    return failed(e.what(), e.exit_code());
} catch (const std::bad_alloc&) {
    return failed("out of memory", runner::base::ExitCode::os);
} catch (const std::exception& e) {
    return failed("a bug: " + runner::base::plain_reason(e), runner::base::ExitCode::software);
}
