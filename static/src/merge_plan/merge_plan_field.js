import {_t} from "@web/core/l10n/translation";
import {Component, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useAutofocus, useService} from "@web/core/utils/hooks";
import {useGridKeys} from "./grid_keys";

// With more columns than these, what comes from the right is told in the first one.
const COLUMNS_IN_SIGHT = 5;

/**
 * The plan of a merge, side by side: one column a lead, the one merged into first; one
 * row a field. The value that will be kept is marked; a click on another takes it, a
 * click on a head makes that lead the one merged into. On a phone, where columns have no
 * room, one card a field lists the values that are told apart, each with who says so.
 *
 * The plan itself is made by the server (`crm.lead.merge.preview`): this shows it, and
 * writes what is chosen to the fields `choices` and `survivor_id` of the dialog.
 */
export class MergePlanField extends Component {
    static template = "crm_lead_qualification.MergePlanField";
    static props = {...standardFieldProps};

    setup() {
        this.state = useState({showsAll: false, search: ""});
        this.ui = useService("ui");
        this.gridRef = useGridKeys("grid");
        useAutofocus({refName: "search"});
    }

    get plan() {
        return this.props.record.data[this.props.name] || {};
    }

    get leads() {
        return this.plan.leads || [];
    }

    get canChoose() {
        return this.props.record.isInEdition;
    }

    /** The rows to show: where the leads differ, or all; and what is searched for. */
    get rows() {
        const search = this.state.search.trim().toLowerCase();
        return (this.plan.rows || []).filter(
            (row) =>
                row.cells.some(Boolean) &&
                (this.state.showsAll || row.differs) &&
                (!search ||
                    [row.label, ...row.cells].some((text) =>
                        text.toLowerCase().includes(search)
                    ))
        );
    }

    get equalCount() {
        return (this.plan.rows || []).filter((row) => row.kept && !row.differs).length;
    }

    /** Why there are no rows to show. */
    get nothingShown() {
        return this.state.search.trim()
            ? _t("No field or value contains “%s”.", this.state.search.trim())
            : _t("These records say nothing different.");
    }

    /** What moves along, as one line: “12 Messages, 3 Activities (2 done)”. */
    get moves() {
        return (this.plan.references || [])
            .map(({label, count, done}) =>
                done
                    ? _t("%(count)s %(label)s (%(done)s done)", {count, label, done})
                    : _t("%(count)s %(label)s", {count, label})
            )
            .join(", ");
    }

    /** What will happen, in one sentence. */
    get outcome() {
        const count = this.plan.count ?? this.leads.length;
        return _t("%(count)s records become one: ‘%(name)s’.", {
            count,
            name: this.leads[0]?.name,
        });
    }

    isKept(row, index) {
        return (
            row.is_united ||
            (row.origin_id
                ? row.origin_id === this.leads[index].id
                : row.cells[index] === row.kept)
        );
    }

    /** The value that fills a blank of the first column from one that is out of sight. */
    filledFromFar(row, index) {
        return index || this.leads.length <= COLUMNS_IN_SIGHT ? "" : row.kept;
    }

    /** The value that will be kept, where none of the records says it, or so. */
    newValue(row) {
        const isSaid = row.cells.some((cell, index) => cell && this.isKept(row, index));
        return isSaid && !row.note ? "" : row.kept;
    }

    /** Blank, and kept so: other values of the same address or person go elsewhere. */
    isLeftBlank(row, index) {
        return !row.kept && !row.cells[index] && this.isKept(row, index);
    }

    /** The values of a row that are told apart, each with the columns that say it. */
    distinctValues(row) {
        const values = new Map();
        row.cells.forEach((text, index) => {
            if (text) {
                const same = values.get(text) || {text, indexes: []};
                same.indexes.push(index);
                values.set(text, same);
            }
        });
        return [...values.values()].map(({text, indexes}) => ({
            text,
            index: indexes.find((index) => this.isKept(row, index)) ?? indexes[0],
            names: indexes.map((index) => this.leads[index].name).join(", "),
        }));
    }

    headTitle({name}, isFirst) {
        return isFirst
            ? _t("The others are merged into ‘%s’", name)
            : _t("Merge into ‘%s’", name);
    }

    cellTitle(row, index) {
        if (row.is_united) {
            return _t("These values are united");
        }
        if (this.isKept(row, index)) {
            return _t("This value will be kept");
        }
        return row.together
            ? _t("Keep this instead, with: %s", row.together)
            : _t("Keep this value instead");
    }

    async choose(row, index) {
        const {record} = this.props;
        if (!this.canChoose || this.isKept(row, index)) {
            return;
        }
        const choices = {...record.data.choices, [row.bundle]: this.leads[index].id};
        await record.update({choices});
    }

    async mergeInto(index) {
        const {id, name} = this.leads[index];
        if (this.canChoose && index) {
            await this.props.record.update({
                survivor_id: {id, display_name: name},
                choices: {},
            });
            // the head has moved to the first column, and the focus with it
            this.gridRef.el?.querySelector("thead button")?.focus();
        }
    }
}

export const mergePlanField = {
    component: MergePlanField,
    displayName: _t("Merge plan"),
    supportedTypes: ["json"],
};

registry.category("fields").add("lead_merge_plan", mergePlanField);
