// SPDX-License-Identifier: GPL-2.0-or-later
// Packing in pieces, files that are complete or not there, checksums.
#include "base/disk_file.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hmac.hpp"
#include "base/packing.hpp"
#include "base/part_file.hpp"
#include "base/sha256.hpp"
#include "source/input_file.hpp"
#include "temp_dir.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

using namespace runner::base;
using runner::test::TempDir;

namespace {

std::string unpacked(const std::filesystem::path& file) {
    runner::source::TextStream stream(file);
    std::string text(1 << 20, '\0');
    std::size_t used = 0;
    while (const std::size_t n = stream.read(text.data() + used, text.size() - used))
        used += n;
    text.resize(used);
    return text;
}

std::string noise(std::size_t size) {
    std::string text;
    std::uint32_t state = 1;
    while (text.size() < size) {
        state = state * 1664525 + 1013904223;
        text += static_cast<char>(state >> 24);
    }
    return text;
}

} // namespace

TEST_CASE("pieces that were packed on their own unpack as one text") {
    const TempDir dir;
    for (const Packing packing : {Packing::none, Packing::gzip, Packing::zstd}) {
        std::string out;
        pack(packing, "one ", out);
        pack(packing, "", out);
        pack(packing, std::string(100'000, 'x'), out);
        pack(packing, noise(300'000), out);
        const auto file = dir.write("a" + std::string(extension_of(packing)), out);
        CHECK(unpacked(file) == "one " + std::string(100'000, 'x') + noise(300'000));
    }
    std::string nothing;
    pack(Packing::gzip, "", nothing);
    CHECK(nothing.empty());
}

TEST_CASE("packings have names") {
    CHECK(packing_from("none") == Packing::none);
    CHECK(packing_from("gz") == Packing::gzip);
    CHECK(packing_from("zst") == Packing::zstd);
    CHECK(!packing_from("bz2"));
    CHECK(!packing_from(""));
}

TEST_CASE("SHA-256 of pieces is that of the whole") {
    Sha256 hash;
    hash.add("a");
    hash.add("bc");
    CHECK(hash.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(Sha256().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("HMAC-SHA256 is that of RFC 4231") {
    CHECK(hmac_sha256_hex("Jefe", "what do ya want for nothing?") ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hmac_sha256_hex(std::string(131, '\xaa'),
                          "Test Using Larger Than Block-Size Key - Hash Key First") ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("a file is there when it is finished, and not before") {
    const TempDir dir;
    const auto path = dir.path() / "result";
    {
        PartFile file(path);
        file.write("half");
        CHECK(!std::filesystem::exists(path));
    } // never finished
    CHECK(std::filesystem::is_empty(dir.path()));
    PartFile file(path);
    file.write("ab");
    file.write("c");
    file.finish();
    CHECK(read_file(path) == "abc");
    CHECK(file.bytes() == 3);
    CHECK(file.sha256() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    write_whole_file(path, "other");
    CHECK(read_file(path) == "other");
}

TEST_CASE("nothing but a regular file is replaced, and no link is followed") {
    const TempDir dir;
    const auto target = dir.write("target", "mine");
    const auto path = dir.path() / "result";
    const auto part = dir.path() / "result.part";
    for (const auto& place : {path, part}) {
        std::filesystem::create_symlink(target, place);
        CHECK_THROWS_WITH(PartFile(path), Catch::Contains("a symbolic link"));
        CHECK(read_file(target) == "mine");
        CHECK(std::filesystem::is_symlink(place));
        std::filesystem::remove(place);
        REQUIRE(mkfifo(place.c_str(), 0600) == 0);
        CHECK_THROWS_WITH(PartFile(path), Catch::Contains("a FIFO"));
        CHECK(std::filesystem::is_fifo(place));
        std::filesystem::remove(place);
        std::filesystem::create_directory(place);
        CHECK_THROWS_WITH(PartFile(path), Catch::Contains("a directory"));
        std::filesystem::remove(place);
    }
    CHECK_THROWS_WITH(PartFile("/dev/null"), Catch::Contains("a device"));
    dir.write("result.part", "of an earlier run");
    dir.write("result", "old");
    CHECK_THROWS_WITH(PartFile(path, Existing::forbidden), Catch::Contains("exists already"));
    CHECK(read_file(path) == "old");
    std::filesystem::remove(path);
    CHECK_THROWS_WITH(PartFile(path, Existing::forbidden),
                      Catch::Contains("result.part: exists already"));
    CHECK(read_file(part) == "of an earlier run");
    write_whole_file(path, "new");
    CHECK(read_file(path) == "new");
    CHECK(!std::filesystem::exists(part));
    // what comes into its place meanwhile stays too
    PartFile late(dir.path() / "late", Existing::forbidden);
    late.write("x");
    dir.write("late", "another's");
    CHECK_THROWS_AS(late.finish(), Error);
    CHECK(read_file(dir.path() / "late") == "another's");
}

TEST_CASE("a file that can't be made is told by name") {
    const TempDir dir;
    CHECK_THROWS_WITH(PartFile(dir.path() / "no" / "file"),
                      Catch::Contains("no/file.part: No such file"));
    CHECK_THROWS_AS(DiskFile(dir.path() / "none", DiskFile::Mode::read), NoInputError);
    CHECK_THROWS_WITH(DiskFile(dir.path() / "no" / "file", DiskFile::Mode::create),
                      Catch::Contains("no/file: No such file"));
}

TEST_CASE("places of a file that were never written read as zeros, and nothing is behind the end") {
    const TempDir dir;
    DiskFile file(dir.path() / "f", DiskFile::Mode::create);
    file.write(10, "abc");
    char bytes[5] = {'x', 'x', 'x', 'x', 'x'};
    CHECK(file.read(9, bytes, 5) == 4);
    CHECK(std::string(bytes, 4) == std::string("\0abc", 4));
    CHECK(file.read(13, bytes, 5) == 0);
    CHECK(file.size() == 13);
}
