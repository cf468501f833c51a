// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzzes what PHP workers send: any bytes, in any pieces, give frames or an error; the text of a
// frame gives an answer to what was asked or an error.
#include "php/frame.hpp"
#include "source/php_answer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace runner;
    if (size == 0)
        return 0;
    const std::size_t piece = data[0] + std::size_t{1};
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::array pages{entity::EntityId::parse("Q1").value(),
                           entity::EntityId::parse("P2").value()};
    constexpr std::size_t max_text = 100'000;
    php::FrameReader reader(max_text);
    try {
        std::size_t framed = 0;
        for (std::size_t at = 0; at < text.size(); at += piece) {
            reader.feed(text.substr(at, piece));
            while (const auto frame = reader.next()) {
                framed += php::frame_header + frame->text.size();
                if (frame->text.size() > max_text || framed + reader.pending() > text.size())
                    std::abort();
                if (source::parse_php_answer(frame->text, pages).size() != pages.size())
                    std::abort();
            }
        }
        if (framed + reader.pending() != text.size())
            std::abort();
    } catch (const base::DataError&) {
    } catch (const source::SourceUnavailable&) {
    }
    return 0;
}
