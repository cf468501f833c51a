<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// Loads all classes of php-shim/src beside the class heads of one generation of Wikibase and WBQC
// (a file of facts of this folder), so that PHP itself says whether they fit: names, signatures of
// what is overridden, arguments of parents. MediaWiki is not needed: what comes from there is an
// empty class here, and tested for real in the other tests.
//
// usage: php load.php FACTS.json       prints what does not fit, and "loaded N classes"

declare(strict_types=1);

use MediaWiki\Extension\ConstraintRunner\Special\ParentServices;
use WikibaseQuality\ConstraintReport\Api\CachingResultsSource;
use WikibaseQuality\ConstraintReport\Specials\SpecialConstraintReport;

const SHIM = __DIR__ . '/../../../php-shim/src/';
const OURS = 'MediaWiki\\Extension\\ConstraintRunner\\';

/** The PHP text of a class of the facts. */
function headOf(string $name, array $facts): string
{
    $namespace = substr($name, 0, (int)strrpos($name, '\\'));
    $text = "namespace $namespace; " . implode(' ', $facts['modifiers'] ?? []) . ' ' . $facts['kind'] . ' '
        . substr((string)strrchr($name, '\\'), 1);
    $kinds = ['class' => [], 'interface' => []];
    foreach ($facts['parents'] ?? [] as $parent) {
        $kinds[interface_exists($parent) ? 'interface' : 'class'][] = "\\$parent";
    }
    if ($facts['kind'] === 'interface') {
        $text .= $kinds['interface'] === [] ? '' : ' extends ' . implode(', ', $kinds['interface']);
    } else {
        $text .= $kinds['class'] === [] ? '' : ' extends ' . implode(', ', $kinds['class']);
        $text .= $kinds['interface'] === [] ? '' : ' implements ' . implode(', ', $kinds['interface']);
    }
    $text .= " {\n";
    foreach ($facts['constants'] ?? [] as $constant) {
        $text .= "const $constant = '$constant';\n";
    }
    foreach ($facts['methods'] as $method => $signature) {
        $text .= methodOf($method, $signature, $facts['kind'] === 'interface');
    }
    return "$text}\n";
}

function methodOf(string $name, array $signature, bool $ofInterface): string
{
    $whole = static fn (string $type): string => preg_replace('/(?<![\w\\\\])([A-Z]\w*\\\\)/', '\\\\$1', $type);
    $modifiers = $signature['modifiers'] ?? '';
    $text = "$modifiers function $name("
        . implode(', ', array_map($whole, $signature['parameters'] ?? [])) . ')';
    $text .= isset($signature['returns']) ? ": {$whole($signature['returns'])}" : '';
    $isAbstract = $ofInterface || str_contains($modifiers, 'abstract');
    return $text . ($isAbstract ? ';' : ' { throw new \LogicException(); }') . "\n";
}

/** An empty one for a name that neither the facts nor PHP know. */
function emptyHead(string $name): string
{
    $namespace = substr($name, 0, (int)strrpos($name, '\\'));
    $short = substr((string)strrchr("\\$name", '\\'), 1);
    $isInterface = preg_match('/(Hook|Interface|Authority|Config|Serializer|Lookup|Localizer|I[A-Z]\w+)$/', $short)
        && $short !== 'IntegerDef';
    return "namespace $namespace { " . ($isInterface ? 'interface' : 'class') . " $short {} }";
}

$facts = json_decode((string)file_get_contents($argv[1]), true, 64, JSON_THROW_ON_ERROR);
spl_autoload_register(static function (string $name) use ($facts): void {
    if (isset($facts['classes'][$name])) {
        eval(headOf($name, $facts['classes'][$name]));
    } elseif (str_starts_with($name, OURS)) {
        $path = SHIM . strtr(substr($name, strlen(OURS)), '\\', '/') . '.php';
        if (is_file($path)) {
            require_once $path;
        }
    } elseif (preg_match('/^Wikibase(Quality)?\\\\/', $name)) {
        echo "{$facts['branch']} has no $name\n";
        exit(1);
    } else {
        eval(emptyHead($name));
    }
});

$loaded = 0;
foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator(SHIM)) as $file) {
    $name = OURS . strtr(substr($file->getPathname(), strlen(SHIM), -4), '/', '\\');
    if ($file->getExtension() !== 'php' || $file->getFilename() === 'ServiceWiring.php' ||
        str_ends_with($name, 'DatabaseConstraintrunner')) {
        continue;
    }
    if (!class_exists($name) && !interface_exists($name)) {
        echo "$name is not in its file\n";
        exit(1);
    }
    ++$loaded;
}

$constructor = new ReflectionMethod(SpecialConstraintReport::class, '__construct');
$services = [];
$arguments = ParentServices::of(SpecialConstraintReport::class, static function (string $name) use (&$services) {
    $services[] = $name;
    return new stdClass();
});
if (count($arguments) < $constructor->getNumberOfRequiredParameters()) {
    echo "Special:ConstraintReport gets too few arguments\n";
    exit(1);
}
$parameters = array_map(
    static fn (ReflectionParameter $parameter) => $parameter->getName(),
    (new ReflectionMethod(CachingResultsSource::class, '__construct'))->getParameters()
);
echo json_encode(['loaded' => $loaded, 'page_services' => $services, 'source_parameters' => $parameters]), "\n";
