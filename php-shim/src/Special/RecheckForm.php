<?php

// SPDX-License-Identifier: GPL-2.0-or-later
// The button "check again": a form that posts to Special:ConstraintReport, with a token.

declare(strict_types=1);

namespace MediaWiki\Extension\ConstraintRunner\Special;

use MediaWiki\Html\Html;
use MediaWiki\SpecialPage\SpecialPage;

final class RecheckForm
{
    /** @param ?string $list Parameters of the page of the work list to come back to */
    public static function html(SpecialPage $page, string $entity, ?string $list = null): string
    {
        $token = $page->getContext()->getCsrfTokenSet()->getToken()->toString();
        return Html::rawElement(
            'form',
            [
                'method' => 'post',
                'action' => SpecialPage::getTitleFor('ConstraintReport', $entity)->getLocalURL(),
                'class' => 'constraintrunner-recheck',
            ],
            Html::hidden('wpEditToken', $token)
                . Html::hidden('constraintrunner-recheck', '1')
                . ($list === null ? '' : Html::hidden('list', $list))
                . Html::submitButton($page->msg('constraintrunner-recheck')->text(), [
                    'title' => $page->msg('constraintrunner-recheck-title', $entity)->text(),
                ])
        );
    }
}
