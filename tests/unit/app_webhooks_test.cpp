// SPDX-License-Identifier: GPL-2.0-or-later
// What addresses get with the end of an import.
#include "app/serving/webhooks.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace runner;

TEST_CASE("a delivery is signed, and says who it is") {
    store::ImportDelivery delivery;
    delivery.id = "7e0c9a3e-0000-4000-8000-000000000001";
    CHECK(app::webhook_headers("Jefe", "what do ya want for nothing?", delivery) ==
          std::vector<std::string>{
              "Content-Type: application/json",
              "X-Constraint-Runner-Signature: sha256="
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
              "X-Constraint-Runner-Delivery: 7e0c9a3e-0000-4000-8000-000000000001"});
}
