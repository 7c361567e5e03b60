import {localization} from "@web/core/l10n/localization";
import {useExternalListener, useRef} from "@odoo/owl";

const STEPS = {
    ArrowUp: {rows: -1, columns: 0},
    ArrowDown: {rows: 1, columns: 0},
    ArrowLeft: {rows: 0, columns: -1},
    ArrowRight: {rows: 0, columns: 1},
};

/**
 * Let the arrow keys, Home and End walk through the buttons of a table, over cells that
 * have none. Space and Enter press a button by themselves.
 *
 * Buttons carry their place in `data-row` and `data-column`.
 *
 * @param {String} refName of the element that holds the buttons
 * @returns {Object} the reference to that element
 */
export function useGridKeys(refName) {
    const ref = useRef(refName);
    useExternalListener(
        window,
        "keydown",
        (event) => {
            const from = event.target.closest?.("[data-row]");
            if (!from || !ref.el?.contains(from)) {
                return;
            }
            const to = findButton(ref.el, from, event.key);
            if (to) {
                event.preventDefault();
                event.stopPropagation();
                to.focus();
                to.scrollIntoView({block: "nearest", inline: "nearest"});
            }
        },
        {capture: true}
    );
    return ref;
}

function findButton(element, from, key) {
    const placeOf = ({dataset}) => [Number(dataset.row), Number(dataset.column)];
    const [row, column] = placeOf(from);
    const buttons = [...element.querySelectorAll("[data-row]")];
    const inRow = buttons.filter((one) => placeOf(one)[0] === row);
    if (key === "Home" || key === "End") {
        return key === "Home" ? inRow[0] : inRow.at(-1);
    }
    const step = STEPS[key];
    if (!step) {
        return null;
    }
    if (step.columns) {
        const turned = localization.direction === "rtl" ? -1 : 1;
        return inRow[inRow.indexOf(from) + step.columns * turned];
    }
    return nearest(buttons.map(placeOf), buttons, row, column, step.rows);
}

/** The button in the next row that has any: the one least columns away. */
function nearest(places, buttons, row, column, direction) {
    const ahead = places
        .map(([otherRow, otherColumn], index) => ({
            index,
            rows: (otherRow - row) * direction,
            columns: Math.abs(otherColumn - column),
        }))
        .filter(({rows}) => rows > 0)
        .sort((one, other) => one.rows - other.rows || one.columns - other.columns);
    return ahead.length ? buttons[ahead[0].index] : null;
}
