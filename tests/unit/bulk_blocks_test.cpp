// SPDX-License-Identifier: GPL-2.0-or-later
// Blocks of a dump in many threads: all of them, in order, within bounds; errors end it.
#include "base/error.hpp"
#include "base/file.hpp"
#include "bulk/checked_files.hpp"
#include "bulk/dump_input.hpp"
#include "bulk/parallel_blocks.hpp"
#include "temp_dir.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstring>
#include <stdexcept>
#include <sys/stat.h>

using namespace runner::bulk;
using runner::source::BlockReader;
using runner::source::LineBlock;
using runner::test::TempDir;

namespace {

BlockReader numbers(const std::string& text) {
    return {"dump",
            [&text, at = std::size_t{0}](char* to, std::size_t size) mutable {
                const std::size_t n = std::min(size, text.size() - at);
                std::memcpy(to, text.data() + at, n);
                at += n;
                return n;
            },
            64};
}

std::string many_lines() {
    std::string text;
    for (int i = 0; i < 5000; ++i)
        text += "{\"id\":\"Q" + std::to_string(i + 1) + "\"}\n";
    return text;
}

} // namespace

TEST_CASE("blocks are worked on by many and handed on in their order") {
    const std::string text = many_lines();
    for (const Threads threads : {Threads{1, 0}, Threads{4, 0}, Threads{2, 6}}) {
        auto reader = numbers(text);
        std::string out;
        std::atomic<int> working{0};
        std::atomic<int> most{0};
        std::uint64_t expected = 0;
        for_each_block<std::string>(
            reader, threads,
            [&](const LineBlock& block) {
                const int now = ++working;
                for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
                }
                std::string copy = block.text;
                --working;
                return copy;
            },
            [&](std::uint64_t number, std::string piece) {
                CHECK(number == expected++);
                out += piece;
                return true;
            });
        CHECK(out == text);
        CHECK(most <= static_cast<int>(threads.working));
    }
}

TEST_CASE("an error of a worker or the consumer ends the reading and is thrown") {
    const std::string text = many_lines();
    for (const bool taking : {false, true}) {
        auto reader = numbers(text);
        CHECK_THROWS_WITH(for_each_block<int>(
                              reader, Threads{3, 0},
                              [&](const LineBlock& block) {
                                  if (!taking && block.number == 20)
                                      throw std::runtime_error("no");
                                  return 0;
                              },
                              [&](std::uint64_t number, int) {
                                  if (taking && number == 20)
                                      throw std::runtime_error("no");
                                  return true;
                              }),
                          "no");
    }
}

TEST_CASE("the consumer may end early") {
    const std::string text = many_lines();
    auto reader = numbers(text);
    std::uint64_t taken = 0;
    for_each_block<int>(
        reader, Threads{4, 0}, [](const LineBlock&) { return 0; },
        [&](std::uint64_t, int) { return ++taken < 10; });
    CHECK(taken == 10);
}

TEST_CASE("files that were written are continued, and nothing else is touched") {
    const TempDir dir;
    CheckedFilesOptions options;
    options.folder = dir.path();
    options.packing = runner::base::Packing::none;
    options.shard_entities = 2;
    options.key = "a";
    options.began = 100;
    std::filesystem::create_directories(dir.path() / ".work");
    CheckedBlock block;
    block.counts.lines.entities = 1;
    block.lines = 1;
    block.packed[static_cast<std::size_t>(FileKind::csv)] = "row\n";
    const auto add = [&](CheckedFiles& files, std::uint64_t end) {
        block.end = end;
        files.add(block);
    };
    {
        CheckedFiles files(options);
        add(files, 10);
        add(files, 20); // a shard
        add(files, 30); // lost with the process
    }
    options.began = 200;
    {
        CheckedFiles files(options);
        CHECK(files.began() == 100); // rows of one run have one time
        CHECK(files.done_bytes() == 20);
        CHECK(files.done_lines() == 2);
        CHECK(files.counts().lines.entities == 2);
        add(files, 30);
        files.finish();
        CHECK(files.files().size() == 2);
        CHECK(files.counts().lines.entities == 3);
    }
    CHECK(runner::base::read_file(dir.path() / "violations-00001.csv") ==
          "entity,statement,property,constraint,type,status,message,revision,checked_at\n"
          "row\nrow\n");
    options.key = "b"; // other settings: from the beginning
    CHECK(CheckedFiles(options).done_bytes() == 0);
    CHECK(CheckedFiles(options).began() == 200);
    CHECK(!std::filesystem::exists(dir.path() / "violations-00001.csv"));
    dir.write("thesis.txt", "dear");
    CHECK_THROWS_WITH(CheckedFiles(options), Catch::Contains("other files (thesis.txt)"));
}

TEST_CASE("a dump can be read twice, whatever it comes from") {
    const TempDir dir;
    const auto file = dir.write("d.json", "[\n{\"id\":\"Q1\"}\n]\n");
    DumpInput input(file, dir.path());
    for (int round = 0; round < 3; ++round) {
        auto reader = input.open();
        LineBlock block;
        REQUIRE(reader.next(block));
        CHECK(block.text == "[\n{\"id\":\"Q1\"}\n]\n");
        CHECK(!reader.next(block));
    }
    CHECK(!std::filesystem::exists(dir.path() / "dump.zst")); // a file is not copied
    CHECK_THROWS_AS(DumpInput(dir.path() / "none", dir.path()), runner::base::NoInputError);
    CHECK_THROWS_AS(DumpInput(dir.path(), dir.path()), runner::base::NoInputError);
}

TEST_CASE("where only a regular file may be read, links are followed and nothing else is opened") {
    const TempDir dir;
    const auto file = dir.write("d.json", "[\n{\"id\":\"Q1\"}\n]\n");
    const auto fifo = dir.path() / "fifo";
    REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    std::filesystem::create_symlink("d.json", dir.path() / "link");
    std::filesystem::create_symlink("fifo", dir.path() / "link-to-fifo");
    std::filesystem::create_symlink("/dev/zero", dir.path() / "link-to-device");
    CHECK_NOTHROW(DumpInput(dir.path() / "link", dir.path(), DumpKind::regular_file));
    for (const char* name : {"fifo", "link-to-fifo", "link-to-device", "."})
        CHECK_THROWS_AS(DumpInput(dir.path() / name, dir.path(), DumpKind::regular_file),
                        runner::base::NoInputError);
    // a file of that name, not standard input
    CHECK_THROWS_AS(DumpInput("-", dir.path(), DumpKind::regular_file), runner::base::NoInputError);
}

TEST_CASE("a run that was not complete may be made again") {
    const TempDir dir;
    CheckedFilesOptions options;
    options.folder = dir.path();
    std::filesystem::create_directories(dir.path() / ".work");
    for (const char* manifest : {"{\"complete\":true}", "{}", "not JSON"}) {
        dir.write("manifest.json", manifest);
        CHECK_THROWS_WITH(CheckedFiles(options), Catch::Contains("complete run"));
    }
    dir.write("manifest.json", "{\"complete\":false}");
    CHECK_NOTHROW(CheckedFiles(options));
    CHECK(!std::filesystem::exists(dir.path() / "manifest.json"));
}
