// SPDX-License-Identifier: GPL-2.0-or-later
// The property and item ids that WBQC configures (`WBQualityConstraints…Id`), in one table with
// Wikidata's ids as defaults, so that a wiki with its own ids works.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runner::config {

// name as in WBQC without the prefix "WBQualityConstraints" and the suffix "Id", default
#define RUNNER_CONSTRAINT_IDS(X)                                                                   \
    X(InstanceOf, "P31")                                                                           \
    X(SubclassOf, "P279")                                                                          \
    X(PropertyConstraint, "P2302")                                                                 \
    X(ExceptionToConstraint, "P2303")                                                              \
    X(ConstraintStatus, "P2316")                                                                   \
    X(MandatoryConstraint, "Q21502408")                                                            \
    X(SuggestionConstraint, "Q62026391")                                                           \
    X(DistinctValuesConstraint, "Q21502410")                                                       \
    X(MultiValueConstraint, "Q21510857")                                                           \
    X(UsedAsQualifierConstraint, "Q21510863")                                                      \
    X(SingleValueConstraint, "Q19474404")                                                          \
    X(SymmetricConstraint, "Q21510862")                                                            \
    X(TypeConstraint, "Q21503250")                                                                 \
    X(ValueTypeConstraint, "Q21510865")                                                            \
    X(InverseConstraint, "Q21510855")                                                              \
    X(ItemRequiresClaimConstraint, "Q21503247")                                                    \
    X(ValueRequiresClaimConstraint, "Q21510864")                                                   \
    X(ConflictsWithConstraint, "Q21502838")                                                        \
    X(OneOfConstraint, "Q21510859")                                                                \
    X(MandatoryQualifierConstraint, "Q21510856")                                                   \
    X(AllowedQualifiersConstraint, "Q21510851")                                                    \
    X(RangeConstraint, "Q21510860")                                                                \
    X(DifferenceWithinRangeConstraint, "Q21510854")                                                \
    X(CommonsLinkConstraint, "Q21510852")                                                          \
    X(ContemporaryConstraint, "Q25796498")                                                         \
    X(FormatConstraint, "Q21502404")                                                               \
    X(UsedForValuesOnlyConstraint, "Q21528958")                                                    \
    X(UsedAsReferenceConstraint, "Q21528959")                                                      \
    X(NoBoundsConstraint, "Q51723761")                                                             \
    X(AllowedUnitsConstraint, "Q21514353")                                                         \
    X(SingleBestValueConstraint, "Q52060874")                                                      \
    X(AllowedEntityTypesConstraint, "Q52004125")                                                   \
    X(CitationNeededConstraint, "Q54554025")                                                       \
    X(PropertyScopeConstraint, "Q53869507")                                                        \
    X(LexemeLanguageConstraint, "Q55819106")                                                       \
    X(LabelInLanguageConstraint, "Q108139345")                                                     \
    X(LanguageProperty, "P424")                                                                    \
    X(Class, "P2308")                                                                              \
    X(Relation, "P2309")                                                                           \
    X(InstanceOfRelation, "Q21503252")                                                             \
    X(SubclassOfRelation, "Q21514624")                                                             \
    X(InstanceOrSubclassOfRelation, "Q30208840")                                                   \
    X(Property, "P2306")                                                                           \
    X(QualifierOfPropertyConstraint, "P2305")                                                      \
    X(MinimumQuantity, "P2313")                                                                    \
    X(MaximumQuantity, "P2312")                                                                    \
    X(MinimumDate, "P2310")                                                                        \
    X(MaximumDate, "P2311")                                                                        \
    X(Namespace, "P2307")                                                                          \
    X(FormatAsARegularExpression, "P1793")                                                         \
    X(SyntaxClarification, "P2916")                                                                \
    X(ConstraintClarification, "P6607")                                                            \
    X(ConstraintScope, "P4680")                                                                    \
    X(ConstraintEntityTypes, "P4680")                                                              \
    X(Separator, "P4155")                                                                          \
    X(ConstraintCheckedOnMainValue, "Q46466787")                                                   \
    X(ConstraintCheckedOnQualifiers, "Q46466783")                                                  \
    X(ConstraintCheckedOnReferences, "Q46466805")                                                  \
    X(NoneOfConstraint, "Q52558054")                                                               \
    X(IntegerConstraint, "Q52848401")                                                              \
    X(WikibaseItem, "Q29934200")                                                                   \
    X(WikibaseProperty, "Q29934218")                                                               \
    X(WikibaseLexeme, "Q51885771")                                                                 \
    X(WikibaseForm, "Q54285143")                                                                   \
    X(WikibaseSense, "Q54285715")                                                                  \
    X(WikibaseMediaInfo, "Q59712033")                                                              \
    X(PropertyScope, "P5314")                                                                      \
    X(AsMainValue, "Q54828448")                                                                    \
    X(AsQualifiers, "Q54828449")                                                                   \
    X(AsReferences, "Q54828450")

// the runner's own, for the extras; name in the settings: "ConstraintRunner" and the suffix "Id"
#define RUNNER_OWN_IDS(X)                                                                          \
    X(ReplacementProperty, "P6824")                                                                \
    X(ReplacementValue, "P9729")                                                                   \
    X(DescriptionInLanguageConstraint, "Q111204896")                                               \
    X(LexemeLexicalCategoryConstraint, "Q55819078")                                                \
    X(ValueLexicalCategoryConstraint, "Q64006792")

enum class ConstraintId : std::uint8_t {
#define RUNNER_ID(name, default_id) name,
    RUNNER_CONSTRAINT_IDS(RUNNER_ID) RUNNER_OWN_IDS(RUNNER_ID)
#undef RUNNER_ID
        count_
};

inline constexpr std::size_t constraint_id_count = static_cast<std::size_t>(ConstraintId::count_);
/// From here on they are the runner's own: WBQC does not have them.
inline constexpr std::size_t first_own_id =
    static_cast<std::size_t>(ConstraintId::ReplacementProperty);

struct ConstraintIdRow {
    std::string_view setting; ///< WBQC's name of the setting, or the runner's
    std::string_view default_id;
};

/// Indexed by ConstraintId.
inline constexpr std::array<ConstraintIdRow, constraint_id_count> constraint_id_table{{
#define RUNNER_ID(name, default_id) {"WBQualityConstraints" #name "Id", default_id},
    RUNNER_CONSTRAINT_IDS(RUNNER_ID)
#undef RUNNER_ID
#define RUNNER_ID(name, default_id) {"ConstraintRunner" #name "Id", default_id},
        RUNNER_OWN_IDS(RUNNER_ID)
#undef RUNNER_ID
}};

/// One wiki's ids.
class ConstraintIds {
public:
    ConstraintIds() {
        for (std::size_t i = 0; i < constraint_id_count; ++i)
            ids_[i] = constraint_id_table[i].default_id;
    }
    [[nodiscard]] const std::string& operator[](ConstraintId id) const noexcept {
        return ids_[static_cast<std::size_t>(id)];
    }
    void set(ConstraintId id, std::string value) {
        ids_[static_cast<std::size_t>(id)] = std::move(value);
    }
    [[nodiscard]] static std::optional<ConstraintId> find(std::string_view setting) noexcept {
        for (std::size_t i = 0; i < constraint_id_count; ++i)
            if (constraint_id_table[i].setting == setting)
                return static_cast<ConstraintId>(i);
        return std::nullopt;
    }

private:
    std::array<std::string, constraint_id_count> ids_;
};

} // namespace runner::config
