// SPDX-License-Identifier: GPL-2.0-or-later
#include "ops/status_page.hpp"

#include "build_options.hpp"

#include <fmt/format.h>

namespace runner::ops {

namespace {

std::string escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += c;
        }
    }
    return out;
}

std::string duration(std::chrono::seconds time) {
    const auto s = time.count();
    if (s >= 86400)
        return fmt::format("{} d {} h", s / 86400, s % 86400 / 3600);
    if (s >= 3600)
        return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
    return s >= 60 ? fmt::format("{} min {} s", s / 60, s % 60) : fmt::format("{} s", s);
}

std::string found_table(const std::vector<FoundViolation>& found) {
    if (found.empty())
        return {};
    std::string html =
        "<h2>Found last</h2>\n<table class=\"found\"><tr><th>wiki</th><th>entity</th>"
        "<th>status</th><th>violation</th><th>found</th></tr>\n";
    for (const FoundViolation& each : found)
        fmt::format_to(std::back_inserter(html),
                       "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                       escape(each.wiki), escape(each.entity), escape(each.status),
                       escape(each.sentence), escape(each.found_at));
    return html + "</table>\n";
}

} // namespace

std::string status_page(const StatusView& view) {
    std::string html = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                       "<title>Constraint Runner</title>\n<style>"
                       "body{font:16px/1.5 sans-serif;max-width:50rem;margin:2rem auto;"
                       "padding:0 1rem}"
                       "table{border-collapse:collapse}td,th{padding:.2rem .8rem;text-align:right;"
                       "border-bottom:1px solid #ccc}td:first-child,th:first-child{text-align:left}"
                       ".found td,.found th{text-align:left;overflow-wrap:anywhere}"
                       "</style></head><body>\n<h1>Constraint Runner " VERSION "</h1>\n";
    if (view.problems.empty()) {
        html += "<p><strong>Ready.</strong></p>\n";
    } else {
        html += "<p><strong>Not ready:</strong></p><ul>";
        for (const std::string& problem : view.problems)
            html += "<li>" + escape(problem) + "</li>";
        html += "</ul>\n";
    }
    fmt::format_to(std::back_inserter(html),
                   "<p>Up for {}; {} results stored since; {} jobs in flight; {} connections; "
                   "{} MB of memory.</p>\n<h2>Queue</h2>\n",
                   duration(view.uptime), view.entities_stored, view.in_hand, view.connections,
                   view.resident_bytes >> 20U);
    if (!view.queue) {
        html += "<p>The database does not answer.</p>\n";
    } else {
        html += "<table><tr><th>wiki</th><th>ready</th><th>delayed</th><th>leased</th>"
                "<th>dead</th><th>oldest ready</th></tr>\n";
        for (const auto& [wiki, counts] : *view.queue)
            fmt::format_to(std::back_inserter(html),
                           "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
                           "<td>{:.1f} s</td></tr>\n",
                           escape(wiki), counts.ready, counts.delayed, counts.leased, counts.dead,
                           counts.oldest_ready_seconds);
        html += "</table>\n";
    }
    for (const store::Pause& pause : view.pauses)
        fmt::format_to(std::back_inserter(html), "<p><strong>{}</strong> since {}{}{}</p>\n",
                       pause.wiki.empty() ? "All wikis are paused"
                                          : escape(pause.wiki) + " is paused",
                       escape(pause.since), pause.reason.empty() ? "" : ": ", escape(pause.reason));
    html += found_table(view.found);
    return html + "<p><a href=\"/metrics\">metrics</a> · <a href=\"/v1/queue\">queue</a> · "
                  "<a href=\"/v1/dead\">dead jobs</a> · <a href=\"/readyz\">readiness</a></p>\n"
                  "</body></html>\n";
}

} // namespace runner::ops
