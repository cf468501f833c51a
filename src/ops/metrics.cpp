// SPDX-License-Identifier: GPL-2.0-or-later
#include "ops/metrics.hpp"

#include "build_options.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

namespace runner::ops {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

namespace {

const Histogram::BucketBoundaries seconds_buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                  0.1,    0.25,  0.5,    1,     2.5,  5,     10};
const Histogram::BucketBoundaries age_buckets{0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                              1,     2.5,   5,    10,    30,   60,  300,  3600};
const Histogram::BucketBoundaries size_buckets{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

/// Counters kept elsewhere, exported as ours: raised to the given value.
void raise_to(Counter& counter, double value) {
    if (value > counter.Value())
        counter.Increment(value - counter.Value());
}

} // namespace

struct Metrics::Impl {
    template <class Metric>
    Family<Metric>& family(prometheus::detail::Builder<Metric> builder, const char* name,
                           const char* help) {
        return builder.Name(std::string("constraint_runner_") + name).Help(help).Register(registry);
    }
    Counter& counter(const char* name, const char* help) {
        return family(prometheus::BuildCounter(), name, help).Add({});
    }
    Gauge& gauge(const char* name, const char* help) {
        return family(prometheus::BuildGauge(), name, help).Add({});
    }

    prometheus::Registry registry;
    Family<Counter>& requests = family(prometheus::BuildCounter(), "http_requests_total",
                                       "HTTP requests answered, by route and status");
    Family<Histogram>& request_seconds =
        family(prometheus::BuildHistogram(), "http_request_seconds",
               "Time from reading a request to its response");
    Gauge& connections = gauge("http_connections", "Open connections");
    Counter& refused =
        counter("http_connections_refused_total", "Connections refused because too many were open");
    Counter& timeouts =
        counter("http_timeouts_total", "Requests not received, and responses not read, in time");
    Counter& accepted = counter("jobs_accepted_total", "Accepted jobs that were new in the queue");
    Counter& coalesced = counter("jobs_coalesced_total", "Accepted jobs merged into a waiting job");
    Counter& jobs_refused = counter("jobs_refused_total", "Jobs refused because the queue is full");
    Counter& transactions =
        counter("accept_transactions_total", "Transactions that committed accepted jobs");
    Family<Counter>& ended = family(prometheus::BuildCounter(), "jobs_ended_total",
                                    "Ended attempts at jobs, by outcome");
    Family<Counter>& results =
        family(prometheus::BuildCounter(), "checks_total", "Check results, by status");
    Family<Histogram>& stages = family(prometheus::BuildHistogram(), "stage_seconds",
                                       "Time per entity (gather, check) or per batch (store)");
    std::array<Histogram*, 3> stage{&stages.Add({{"stage", "gather"}}, seconds_buckets),
                                    &stages.Add({{"stage", "check"}}, seconds_buckets),
                                    &stages.Add({{"stage", "store"}}, seconds_buckets)};
    Histogram& age = family(prometheus::BuildHistogram(), "job_seconds",
                            "Time from accepting a job to storing its result")
                         .Add({}, age_buckets);
    Histogram& batch = family(prometheus::BuildHistogram(), "store_batch_size",
                              "Results stored in one transaction")
                           .Add({}, size_buckets);
    Family<Gauge>& queue =
        family(prometheus::BuildGauge(), "queue_jobs", "Jobs in the database, by wiki and state");
    Family<Gauge>& oldest = family(prometheus::BuildGauge(), "queue_oldest_ready_seconds",
                                   "Age of the oldest ready job, by wiki");
    Family<Gauge>& paused =
        family(prometheus::BuildGauge(), "queue_paused", "1 while the jobs of a wiki are paused");
    Family<Counter>& title_requests = family(prometheus::BuildCounter(), "commons_requests_total",
                                             "Requests to the Commons API, by wiki and outcome");
    Family<Counter>& titles = family(prometheus::BuildCounter(), "commons_titles_total",
                                     "Commons titles looked up, by wiki and origin of the answer");
    Family<Gauge>& classes =
        family(prometheus::BuildGauge(), "class_graph_classes", "Classes in memory, by wiki");
    Family<Gauge>& class_edges = family(prometheus::BuildGauge(), "class_graph_edges",
                                        "Superclasses of the classes in memory, by wiki");
    Family<Gauge>& class_bytes =
        family(prometheus::BuildGauge(), "class_graph_bytes", "Memory of the class graph, by wiki");
    Family<Counter>& checks_by_type =
        family(prometheus::BuildCounter(), "checks_total", "Constraint checks run, by type");
    Family<Counter>& check_seconds =
        family(prometheus::BuildCounter(), "check_seconds_total",
               "Time in constraint checks, by type, excluding gathering");
    Family<Gauge>& imports =
        family(prometheus::BuildGauge(), "imports", "Imports in the database, by kind and status");
    Counter& import_chunks = counter("import_chunks_total", "Saved chunks of imports");
    Counter& import_failures =
        counter("import_failures_total", "Failed attempts at a chunk of an import");
    Counter& import_things = counter("import_things_total", "Imported items (files …)");
    Counter& webhooks_delivered =
        counter("import_webhooks_delivered_total", "Webhooks delivered at the end of an import");
    Counter& webhook_failures =
        counter("import_webhook_failures_total", "Failed attempts to deliver a webhook");
    Counter& webhooks_given_up = counter("import_webhooks_given_up_total",
                                         "Webhooks abandoned after imports.webhook_retry_for");
    Family<Counter>& verified = family(prometheus::BuildCounter(), "verified_total",
                                       "Native results compared with WBQC's, by wiki and outcome");
    Family<Counter>& differences = family(prometheus::BuildCounter(), "verify_differences_total",
                                          "Constraints whose compared results differed, by wiki");
    Family<Gauge>& php_workers =
        family(prometheus::BuildGauge(), "php_workers", "PHP workers, by wiki and state");
    Family<Counter>& php_ends = family(prometheus::BuildCounter(), "php_worker_ends_total",
                                       "PHP workers that ended, by wiki and reason");
    Family<Counter>& php_starts = family(prometheus::BuildCounter(), "php_worker_starts_total",
                                         "PHP workers started, by wiki");
    Family<Counter>& php_requests =
        family(prometheus::BuildCounter(), "php_requests_total",
               "Requests to PHP workers, by wiki and outcome; retries count again");
    Gauge& oldest_event = gauge("events_oldest_seconds", "Age of the oldest stored event");
    Gauge& held_back = gauge("events_held_back_seconds",
                             "Age of the oldest event that waits for an older transaction to end");
    Gauge& listeners = gauge("event_listeners", "Connected consumers of the event stream");
    Counter& events_sent = counter("events_sent_total", "Events sent, counted once per consumer");
    Counter& cut_off =
        counter("event_listeners_cut_off_total",
                "Consumers disconnected because they read too slowly or fell too far behind");
    Counter& listeners_refused =
        counter("event_listeners_refused_total", "Consumers refused because there were too many");
    Counter& events_removed =
        counter("events_removed_total", "Expired events removed (events.keep)");
    Counter& forgotten =
        counter("deleted_entities_forgotten_total",
                "Expired records of deleted entities removed (events.keep_deleted)");
    Gauge& oldest_snapshot =
        gauge("database_oldest_snapshot_seconds",
              "Age of the oldest snapshot, which keeps dead rows from being vacuumed");
    Gauge& checks_waiting = gauge("checks_waiting", "Requests that wait for the result of a check");
    Gauge& in_hand = gauge("jobs_in_hand", "Jobs leased by this process");
    Gauge& cache =
        gauge("document_cache_bytes", "Bytes of documents cached between accept and check");
    Gauge& ready = gauge("ready", "1 if /readyz reports ready, else 0");
    Gauge& resident = prometheus::BuildGauge()
                          .Name("process_resident_memory_bytes")
                          .Help("Resident memory size in bytes")
                          .Register(registry)
                          .Add({});
    Counter& cpu = prometheus::BuildCounter()
                       .Name("process_cpu_seconds_total")
                       .Help("Total user and system CPU time spent in seconds")
                       .Register(registry)
                       .Add({});

    std::atomic<std::uint64_t> entities{0};
    // a family looks its labels up under a lock and a hash of all of them; these remember
    std::mutex mutex;
    struct Route {
        Histogram* seconds = nullptr;
        std::map<unsigned, Counter*> by_status;
    };
    std::map<std::string, Route, std::less<>> routes;
    std::map<std::string, Counter*, std::less<>> outcomes;
    std::array<Counter*, results::status_count> statuses{};
    std::map<std::string, Gauge*, std::less<>> import_states;

    void show(const EventNumbers& events) {
        if (events.known) {
            oldest_event.Set(events.oldest_seconds);
            held_back.Set(events.held_back_seconds);
        }
        const std::lock_guard lock(mutex);
        raise_to(events_removed, static_cast<double>(events.removed));
        raise_to(forgotten, static_cast<double>(events.forgotten));
        listeners.Set(static_cast<double>(events.listeners));
        raise_to(events_sent, static_cast<double>(events.sent));
        raise_to(cut_off, static_cast<double>(events.cut_off));
        raise_to(listeners_refused, static_cast<double>(events.refused));
    }

    void show(const PhpWorkers& of) {
        const auto raise = [&](Family<Counter>& counter, const char* label, const char* value,
                               std::uint64_t count) {
            raise_to(counter.Add({{"wiki", of.wiki}, {label, value}}), static_cast<double>(count));
        };
        const std::lock_guard lock(mutex);
        php_workers.Add({{"wiki", of.wiki}, {"state", "busy"}}).Set(static_cast<double>(of.busy));
        php_workers.Add({{"wiki", of.wiki}, {"state", "idle"}})
            .Set(static_cast<double>(of.alive - of.busy));
        raise_to(php_starts.Add({{"wiki", of.wiki}}), static_cast<double>(of.started));
        raise(php_ends, "reason", "recycled", of.recycled);
        raise(php_ends, "reason", "died", of.died);
        raise(php_ends, "reason", "killed", of.killed);
        raise(php_requests, "outcome", "asked", of.requests);
        raise(php_requests, "outcome", "failed", of.failures);
    }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
    for (std::size_t i = 0; i < results::status_count; ++i)
        impl_->statuses[i] =
            &impl_->results.Add({{"status", std::string(results::status_names[i])}});
    prometheus::BuildGauge()
        .Name("constraint_runner_build_info")
        .Help("Always 1; the labels describe the running build")
        .Register(impl_->registry)
        .Add({{"version", VERSION}, {"build", BUILD_TYPE}, {"compiler", COMPILER}})
        .Set(1);
    prometheus::BuildGauge()
        .Name("process_start_time_seconds")
        .Help("Start time of the process since unix epoch in seconds")
        .Register(impl_->registry)
        .Add({})
        .SetToCurrentTime();
}

Metrics::~Metrics() = default;

void Metrics::http_request(std::string_view route, unsigned status, std::chrono::nanoseconds took) {
    const std::lock_guard lock(impl_->mutex);
    auto it = impl_->routes.find(route);
    if (it == impl_->routes.end()) {
        it = impl_->routes.emplace(std::string(route), Impl::Route{}).first;
        it->second.seconds =
            &impl_->request_seconds.Add({{"route", std::string(route)}}, seconds_buckets);
    }
    Counter*& counter = it->second.by_status[status];
    if (counter == nullptr)
        counter = &impl_->requests.Add(
            {{"route", std::string(route)}, {"status", std::to_string(status)}});
    counter->Increment();
    it->second.seconds->Observe(seconds(took));
}

void Metrics::jobs_accepted(std::uint64_t accepted, std::uint64_t coalesced) {
    impl_->accepted.Increment(static_cast<double>(accepted));
    impl_->coalesced.Increment(static_cast<double>(coalesced));
}

void Metrics::job_ended(std::string_view outcome) {
    const std::lock_guard lock(impl_->mutex);
    auto it = impl_->outcomes.find(outcome);
    if (it == impl_->outcomes.end())
        it = impl_->outcomes
                 .emplace(std::string(outcome),
                          &impl_->ended.Add({{"outcome", std::string(outcome)}}))
                 .first;
    it->second->Increment();
    if (outcome == "stored")
        ++impl_->entities;
}

void Metrics::stage(Stage stage, std::chrono::nanoseconds took) {
    impl_->stage[static_cast<std::size_t>(stage)]->Observe(seconds(took));
}

void Metrics::job_took(std::chrono::nanoseconds age) { impl_->age.Observe(seconds(age)); }

void Metrics::stored_batch(std::size_t size) { impl_->batch.Observe(static_cast<double>(size)); }

void Metrics::checks(const std::array<std::uint32_t, results::status_count>& counts) {
    for (std::size_t i = 0; i < counts.size(); ++i)
        if (counts[i] != 0)
            impl_->statuses[i]->Increment(static_cast<double>(counts[i]));
}

void Metrics::verified(std::string_view wiki, std::string_view outcome, std::size_t differences) {
    const std::string name(wiki);
    impl_->verified.Add({{"wiki", name}, {"outcome", std::string(outcome)}}).Increment();
    impl_->differences.Add({{"wiki", name}}).Increment(static_cast<double>(differences));
}

std::uint64_t Metrics::entities_stored() const noexcept { return impl_->entities; }

std::string Metrics::text(const Snapshot& snapshot) {
    Impl& m = *impl_;
    m.connections.Set(static_cast<double>(snapshot.connections));
    if (snapshot.queue_known)
        m.oldest_snapshot.Set(snapshot.oldest_snapshot_seconds);
    m.checks_waiting.Set(static_cast<double>(snapshot.checks_waiting));
    m.in_hand.Set(static_cast<double>(snapshot.in_hand));
    m.cache.Set(static_cast<double>(snapshot.document_cache_bytes));
    m.ready.Set(snapshot.ready ? 1 : 0);
    m.resident.Set(static_cast<double>(resident_bytes()));
    {
        const std::lock_guard lock(m.mutex); // two scrapes at once must not raise twice
        raise_to(m.refused, static_cast<double>(snapshot.connections_refused));
        raise_to(m.timeouts, static_cast<double>(snapshot.request_timeouts));
        raise_to(m.transactions, static_cast<double>(snapshot.accept_transactions));
        raise_to(m.jobs_refused, static_cast<double>(snapshot.jobs_refused));
        raise_to(m.cpu, cpu_seconds());
        raise_to(m.import_chunks, static_cast<double>(snapshot.import_chunks));
        raise_to(m.import_failures, static_cast<double>(snapshot.import_failures));
        raise_to(m.import_things, static_cast<double>(snapshot.import_things));
        raise_to(m.webhooks_delivered, static_cast<double>(snapshot.webhooks_delivered));
        raise_to(m.webhook_failures, static_cast<double>(snapshot.webhook_failures));
        raise_to(m.webhooks_given_up, static_cast<double>(snapshot.webhooks_given_up));
        if (!snapshot.imports.empty())
            for (auto& [key, gauge] : m.import_states)
                gauge->Set(0); // absent values are 0
        for (const ImportsInState& of : snapshot.imports) {
            Gauge*& gauge = m.import_states[of.kind + '/' + of.status];
            if (gauge == nullptr)
                gauge = &m.imports.Add({{"kind", of.kind}, {"status", of.status}});
            gauge->Set(static_cast<double>(of.count));
        }
        for (const TitleLookups& of : snapshot.titles) {
            const auto raise = [&](Family<Counter>& counter, const char* label, const char* value,
                                   std::uint64_t count) {
                raise_to(counter.Add({{"wiki", of.wiki}, {label, value}}),
                         static_cast<double>(count));
            };
            raise(m.title_requests, "outcome", "answered", of.requests - of.failures);
            raise(m.title_requests, "outcome", "failed", of.failures);
            raise(m.titles, "from", "api", of.asked);
            raise(m.titles, "from", "cache", of.cached);
        }
        for (const CheckTypeTime& of : snapshot.check_types) {
            raise_to(m.checks_by_type.Add({{"type", of.type}}), static_cast<double>(of.checks));
            raise_to(m.check_seconds.Add({{"type", of.type}}), of.seconds);
        }
    }
    m.show(snapshot.events);
    for (const PhpWorkers& of : snapshot.php_workers)
        m.show(of);
    for (const ClassGraphSize& of : snapshot.class_graphs) {
        m.classes.Add({{"wiki", of.wiki}}).Set(static_cast<double>(of.classes));
        m.class_edges.Add({{"wiki", of.wiki}}).Set(static_cast<double>(of.edges));
        m.class_bytes.Add({{"wiki", of.wiki}}).Set(static_cast<double>(of.bytes));
    }
    if (snapshot.queue_known) {
        const auto set = [&](const std::string& wiki, const store::QueueCounts& counts) {
            const auto set_state = [&](const char* state, std::uint64_t value) {
                m.queue.Add({{"wiki", wiki}, {"state", state}}).Set(static_cast<double>(value));
            };
            set_state("ready", counts.ready);
            set_state("delayed", counts.delayed);
            set_state("leased", counts.leased);
            set_state("dead", counts.dead);
            m.oldest.Add({{"wiki", wiki}}).Set(counts.oldest_ready_seconds);
        };
        std::set<std::string_view> with_jobs;
        for (const auto& [wiki, counts] : snapshot.queue) {
            set(wiki, counts);
            with_jobs.insert(wiki);
        }
        for (const auto& [wiki, paused] : snapshot.paused) {
            m.paused.Add({{"wiki", wiki}}).Set(paused ? 1 : 0);
            if (!with_jobs.contains(wiki)) // else the last job's numbers would stay
                set(wiki, {});
        }
    }
    return prometheus::TextSerializer().Serialize(m.registry.Collect());
}

std::size_t resident_bytes() noexcept {
    std::size_t pages = 0;
    std::size_t resident = 0;
    try {
        std::ifstream file("/proc/self/statm");
        file >> pages >> resident;
    } catch (...) {
        return 0;
    }
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace runner::ops
