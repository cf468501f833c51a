<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Which violation pairs of the work list are wanted. What a person typed is checked here.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Store;

final class ViolationFilter
{
    public const STATUSES = ['violation', 'warning', 'suggestion', 'bad-parameters'];

    /** @param string[] $problems Names of the fields that hold nothing sensible */
    private function __construct(
        public readonly ?string $entity,
        public readonly ?string $property,
        public readonly ?string $type,
        public readonly ?string $status,
        public readonly ?string $class,
        public readonly bool $direct,
        public readonly array $problems
    ) {
    }

    /**
     * Empty strings filter nothing.
     * @param string $class The item that the entities are an instance of, or of a class below it
     * @param bool $direct Of no class below it
     */
    public static function of(
        string $entity,
        string $property,
        string $type,
        string $status,
        string $class = '',
        bool $direct = false
    ): self {
        $problems = [];
        $read = static function (string $field, string $text, string $pattern) use (&$problems): ?string {
            $text = trim($text);
            if ($text === '') {
                return null;
            }
            $text = $field === 'status' ? $text : strtoupper($text);
            if (!preg_match($pattern, $text)) {
                $problems[] = $field;
                return null;
            }
            return $text;
        };
        return new self(
            $read('entity', $entity, '/^([QPLM][1-9]\d{0,9}|L[1-9]\d{0,9}-[FS][1-9]\d{0,9})$/D'),
            $read('property', $property, '/^P[1-9]\d{0,8}$/D'),
            $read('type', $type, '/^Q[1-9]\d{0,9}$/D'),
            $read('status', $status, '/^(' . implode('|', self::STATUSES) . ')$/D'),
            $read('class', $class, '/^Q[1-9]\d{0,9}$/D'),
            $direct,
            $problems
        );
    }

    /** @return string[] As parameters of an address, those that filter */
    public function toQuery(): array
    {
        return array_filter([
            'entity' => $this->entity,
            'property' => $this->property,
            'type' => $this->type,
            'status' => $this->status,
            'class' => $this->class,
            'direct' => $this->class !== null && $this->direct ? '1' : null,
        ], static fn (?string $value) => $value !== null);
    }

    /** @return array Conditions on the table violation; the class is in another one */
    public function toConditions(): array
    {
        $conditions = $this->toQuery();
        unset($conditions['class'], $conditions['direct']);
        if (isset($conditions['property'])) {
            $conditions['property'] = (int)substr($conditions['property'], 1);
        }
        return $conditions;
    }
}
