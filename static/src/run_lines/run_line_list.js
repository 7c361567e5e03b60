import {ListController} from "@web/views/list/list_controller";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";

/**
 * The lines of a bulk run, in a list of their own. What is chosen for one of them may
 * change what is proposed for the others of its group: these are read again.
 */
export class RunLineListController extends ListController {
    /** @override */
    async onRecordSaved(record) {
        await super.onRecordSaved(...arguments);
        const group = record.data.group_number; // the one it may have left
        for (const other of this.model.root.records) {
            if (other.id !== record.id && other.data.group_number === group) {
                other.load(); // waits until this one is saved
            }
        }
    }
}

registry
    .category("views")
    .add("lead_run_lines", {...listView, Controller: RunLineListController});
