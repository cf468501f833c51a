// SPDX-License-Identifier: GPL-2.0-or-later
// Reads a descriptor and unpacks what it gives, member by member. Bytes that follow the last whole
// member and are not another one are passed over with a warning, as gzip does it; when a member
// follows them, data is missing in between and it is an error. Errors come after all that is good.
#include "base/error.hpp"
#include "base/unpacker.hpp"
#include "source/damaged_input.hpp"
#include "source/input_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace runner::source {
namespace {

using base::Compression;

int open_file(const std::filesystem::path& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        throw base::NoInputError(fmt::format("{}: {}", path.string(), std::strerror(errno)));
    return fd;
}

using namespace std::string_view_literals;

/// How members of each kind begin. The digit in that of bzip2 is its level.
constexpr std::array heads{"\x1F\x8B\x08"sv, "BZh91AY&SY"sv, "\x28\xB5\x2F\xFD"sv};
constexpr std::size_t longest_head = 10;
constexpr std::size_t through_level = 4;

/// What data of value there is in bytes behind the last member: another member, of whatever kind,
/// or entities that are not packed. Empty: none.
std::string_view data_in(std::string_view bytes) {
    for (const std::string_view head : heads)
        if (bytes.find(head.size() < longest_head ? head : head.substr(through_level)) !=
            std::string_view::npos)
            return "packed data";
    return bytes.find("{\"") != std::string_view::npos ? "JSON that is not packed"sv
                                                       : std::string_view{};
}

/// Whether a member begins like `bytes` but for one byte, which is damaged, or would go on behind
/// their end, where the file is cut off.
bool was_a_member(std::string_view bytes, bool all) {
    for (const std::string_view head : heads) {
        if (all && bytes.size() < head.size() && head.starts_with(bytes))
            return true;
        if (bytes.size() < head.size())
            continue;
        std::size_t different = 0;
        for (std::size_t i = 0; i < head.size(); ++i)
            different += bytes[i] != head[i] ? 1 : 0;
        if (different <=
            (head.size() < longest_head ? 1U : 2U)) // bzip2's level is another one, too
            return true;
    }
    return false;
}

} // namespace

struct TextStream::Impl {
    std::string name;
    int fd = -1;
    std::uint64_t bytes = 0; ///< of the descriptor
    Compression compression = Compression::none;
    std::unique_ptr<base::Unpacker> unpacker;
    std::vector<char> buffer = std::vector<char>(std::size_t{1} << 17);
    std::size_t begin = 0; ///< of what of the buffer is not used yet
    std::size_t end = 0;
    bool between = false; ///< a member is whole, and nothing of the next was read
    bool over = false;
    std::string warning;
    std::string problem; ///< that the library found behind what was handed out last
    std::string damage;  ///< why nothing more can be unpacked

    ~Impl() {
        if (fd >= 0)
            close(fd);
    }

    std::size_t read_fd(char* to, std::size_t size) {
        for (;;) {
            const ssize_t n = ::read(fd, to, size);
            if (n >= 0) {
                bytes += static_cast<std::uint64_t>(n);
                return static_cast<std::size_t>(n);
            }
            if (errno != EINTR)
                throw base::IoError(fmt::format("{}: {}", name, std::strerror(errno)));
        }
    }

    [[nodiscard]] std::string_view have() const noexcept {
        return {buffer.data() + begin, end - begin};
    }

    /// At least `wanted` bytes in the buffer, unless the file ends before.
    void fill(std::size_t wanted) {
        if (begin > 0) {
            std::memmove(buffer.data(), buffer.data() + begin, end - begin);
            end -= std::exchange(begin, 0);
        }
        while (end < wanted) {
            const std::size_t n = read_fd(buffer.data() + end, buffer.size() - end);
            if (n == 0)
                break;
            end += n;
        }
    }

    [[noreturn]] void damaged(const std::string& why) {
        damage = fmt::format("damaged {} data ({}, at byte {})", base::to_string(compression), why,
                             bytes - (end - begin));
        throw DamagedInput(name, damage);
    }

    std::size_t read_plain(char* to, std::size_t size) {
        if (begin == end)
            return read_fd(to, size);
        const std::size_t n = std::min(size, end - begin);
        std::memcpy(to, buffer.data() + begin, n);
        begin += n;
        return n;
    }

    std::size_t unpack(char* to, std::size_t size) {
        if (!damage.empty())
            throw DamagedInput(name, damage);
        if (!problem.empty())
            damaged(problem);
        while (!over) {
            if (between && !begin_member())
                break;
            if (begin == end)
                fill(1);
            const bool at_end = begin == end;
            const base::Unpacker::Step step = unpacker->run(have(), to, size);
            begin += step.used;
            between = step.ended;
            if (step.problem != nullptr && step.made > 0) {
                problem = step.problem; // for the next call
                return step.made;
            }
            if (step.problem != nullptr)
                damaged(step.problem);
            if (step.made > 0)
                return step.made;
            if (at_end && !step.ended)
                damaged("it is cut off");
        }
        return 0;
    }

    /// After a member; false at the end of the data.
    bool begin_member() {
        if (end - begin < base::compression_head)
            fill(base::compression_head);
        if (begin != end && base::compression_of(have()) == compression) {
            unpacker->restart();
            between = false;
            return true;
        }
        over = true;
        if (begin != end)
            pass_over_rest();
        return false;
    }

    void pass_over_rest() {
        const std::uint64_t good = bytes - (end - begin);
        fill(longest_head);
        if (was_a_member(have(), end - begin < longest_head))
            damaged(fmt::format("behind byte {} a member begins that can't be read", good));
        bool zeros = true;
        std::string kept; // a member may begin where two pieces meet
        for (; begin != end; fill(1)) {
            kept += have();
            zeros = zeros && kept.find_first_not_of('\0') == std::string::npos;
            if (const std::string_view data = data_in(kept); !data.empty())
                damaged(fmt::format("bytes {} and following are not {} data, and {} follows", good,
                                    base::to_string(compression), data));
            kept.erase(0, kept.size() - std::min(kept.size(), longest_head));
            begin = end;
        }
        warning = fmt::format("{}: {} {} behind the {} data are not read; the good data ends at "
                              "byte {}",
                              name, bytes - good, zeros ? "zero bytes" : "bytes",
                              base::to_string(compression), good);
    }
};

TextStream::TextStream(const std::filesystem::path& path)
    : TextStream(path.string(), open_file(path)) {}

TextStream::TextStream(std::string name, int fd) : impl_(std::make_unique<Impl>()) {
    impl_->name = std::move(name);
    impl_->fd = fd;
    try {
        impl_->fill(base::compression_head);
    } catch (const base::IoError& e) { // a directory can be opened, but not read
        throw base::NoInputError(e.what());
    }
    impl_->compression = base::compression_of(impl_->have());
    if (impl_->compression != Compression::none)
        impl_->unpacker = base::make_unpacker(impl_->compression);
}

TextStream::~TextStream() = default;

std::size_t TextStream::read(char* to, std::size_t size) {
    return impl_->unpacker == nullptr ? impl_->read_plain(to, size) : impl_->unpack(to, size);
}

bool TextStream::compressed() const noexcept { return impl_->unpacker != nullptr; }

const std::string& TextStream::warning() const noexcept { return impl_->warning; }

std::uint64_t TextStream::raw_bytes() const noexcept { return impl_->bytes; }

} // namespace runner::source
