import {Component, onWillUnmount, useEffect, useState} from "@odoo/owl";
import {ConnectionLostError} from "@web/core/network/rpc";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useService} from "@web/core/utils/hooks";

// Small batches, so that the bar moves every second or so.
const BATCH_SIZE = 50;
const WORKING_STATES = ["running", "undoing"];
const SECOND = 1000;

/**
 * How far a bulk run is, and what drives it while somebody watches: batch after batch,
 * until it is done, stopped, or the page is left. A scheduled action goes on with it
 * then; only one of them is at it at a time.
 */
export class RunProgressField extends Component {
    static template = "crm_lead_qualification.RunProgressField";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.state = useState({isOffline: false});
        this.isLeft = false;
        this.isAtWork = false;
        // the pager goes on to another run without another component
        useEffect(
            () => {
                this.work();
            },
            () => [this.props.record.resId, this.isWorking]
        );
        onWillUnmount(() => {
            this.isLeft = true;
        });
    }

    get data() {
        return this.props.record.data;
    }

    get isWorking() {
        return !this.isLeft && WORKING_STATES.includes(this.data.state);
    }

    get percent() {
        return Math.round(this.data[this.props.name] || 0);
    }

    get counts() {
        const {
            done_count: done,
            skipped_count: skipped,
            waiting_count: waiting,
        } = this.data;
        return _t("%(done)s done, %(skipped)s skipped, %(waiting)s waiting", {
            done,
            skipped,
            waiting,
        });
    }

    get timeLeft() {
        const seconds = this.data.seconds_left;
        if (!this.isWorking || !seconds) {
            return "";
        }
        if (seconds < 5) {
            return _t("a few seconds left");
        }
        return seconds < 90
            ? _t("about %s seconds left", seconds)
            : _t("about %s minutes left", Math.round(seconds / 60));
    }

    /** Carry out batch after batch, as long as there is something to do here. */
    async work() {
        if (this.isAtWork) {
            return; // the loop that is on its way reads which run is shown
        }
        this.isAtWork = true;
        try {
            while (this.isWorking) {
                await this.workOnce(this.props.record);
            }
        } finally {
            this.isAtWork = false;
        }
    }

    async workOnce(record) {
        let handled = 0;
        try {
            handled = await this.orm.silent.call(
                record.resModel,
                "process",
                [[record.resId]],
                {limit: BATCH_SIZE}
            );
            this.state.isOffline = false;
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            this.state.isOffline = true;
        }
        if (this.isLeft || record.resId !== this.props.record.resId) {
            return;
        }
        if (!this.state.isOffline) {
            await record.load();
        }
        if (handled && this.data.state === "stopped") {
            // once more, so that salespeople hear of this batch as well
            await this.orm.silent.call(record.resModel, "process", [[record.resId]]);
        }
        if (!handled) {
            // the connection is lost, or somebody else is at the run
            await this.pause(2 * SECOND);
        }
    }

    pause(milliseconds) {
        return new Promise((resolve) => browser.setTimeout(resolve, milliseconds));
    }
}

registry.category("fields").add("lead_run_progress", {
    component: RunProgressField,
    displayName: _t("Progress of a bulk run"),
    supportedTypes: ["float"],
    fieldDependencies: [
        {name: "state", type: "selection"},
        {name: "done_count", type: "integer"},
        {name: "skipped_count", type: "integer"},
        {name: "waiting_count", type: "integer"},
        {name: "seconds_left", type: "integer"},
    ],
});
