import {Deferred, advanceTime, animationFrame} from "@odoo/hoot-mock";
import {
    MockServer,
    contains,
    defineModels,
    fields,
    makeServerError,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {expect, test} from "@odoo/hoot";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {waitFor} from "@odoo/hoot-dom";

class Run extends models.Model {
    _name = "run";

    progress = fields.Float();
    state = fields.Char();
    done_count = fields.Integer();
    skipped_count = fields.Integer();
    waiting_count = fields.Integer();
    seconds_left = fields.Integer();
}

defineMailModels();
defineModels([Run]);

async function mountRun(...runs) {
    Run._records = (runs.length ? runs : [{}]).map((values, index) => ({
        id: index + 1,
        progress: 0,
        state: "running",
        done_count: 0,
        skipped_count: 1,
        waiting_count: 100,
        seconds_left: 30,
        ...values,
    }));
    await mountView({
        type: "form",
        resModel: "run",
        resId: 1,
        resIds: Run._records.map((run) => run.id),
        arch: `<form edit="0"><field name="progress" widget="lead_run_progress"/></form>`,
    });
}

const settle = async () => {
    for (let i = 0; i < 6; i++) {
        await animationFrame();
    }
};

test("a run goes on batch by batch while it is watched, until it is done", async () => {
    let batches = 0;
    onRpc("run", "process", function ({args, kwargs}) {
        batches++;
        expect.step([args[0], kwargs.limit]);
        const isDone = batches === 2;
        this.env.run.write([1], {
            progress: batches * 50,
            done_count: batches * 50,
            waiting_count: 100 - batches * 50,
            state: isDone ? "done" : "running",
        });
        return 50;
    });
    await mountRun();
    await settle();
    expect.verifySteps([
        [[1], 50],
        [[1], 50],
    ]);
    expect(".o_lead_run_progress").toHaveText(/100%/);
    expect(".o_lead_run_progress").toHaveText(/100 done, 1 skipped, 0 waiting/);
    expect(".progress-bar-animated").toHaveCount(0);
});

for (const [seconds, said] of [
    [1, /a few seconds left/],
    [30, /about 30 seconds left/],
    [90, /about 2 minutes left/],
]) {
    test(`of ${seconds} seconds people read ${said.source}`, async () => {
        onRpc("run", "process", () => new Promise(() => {}));
        await mountRun({seconds_left: seconds});
        expect(".o_lead_run_progress").toHaveText(said);
    });
}

test("what is not running is left alone", async () => {
    onRpc("run", "process", () => expect.step("process"));
    await mountRun({state: "stopped", progress: 40, seconds_left: 30});
    await settle();
    expect.verifySteps([]);
    expect("[role=progressbar]").toHaveAttribute("aria-valuenow", "40");
    expect(".o_lead_run_progress").not.toHaveText(/seconds left/);
});

test("a lost connection is said, and tried again", async () => {
    let isLost = true;
    onRpc(
        "/web/dataset/call_kw/run/process",
        () => {
            expect.step("process");
            if (isLost) {
                return new Response("", {status: 502});
            }
            return new Response(JSON.stringify({jsonrpc: "2.0", result: 1}), {
                headers: {"Content-Type": "application/json"},
            });
        },
        {pure: true}
    );
    await mountRun();
    await settle();
    expect(".o_lead_run_progress .alert").toHaveText(/goes on in the background/);
    isLost = false;
    MockServer.env.run.write([1], {state: "done", progress: 100});
    await advanceTime(2000);
    await waitFor(".o_lead_run_progress:contains(100%)");
    expect.verifySteps(["process", "process"]);
    expect(".o_lead_run_progress .alert").toHaveCount(0);
    expect(".o_lead_run_progress").toHaveText(/100%/);
});

test("a run that ended with an error does not go on by itself", async () => {
    expect.errors(1);
    onRpc("run", "process", () => {
        expect.step("process");
        throw makeServerError({message: "‘Run’ was started by Ana. Ask them."});
    });
    await mountRun();
    await settle();
    await advanceTime(10000);
    expect.verifySteps(["process"]);
    expect.verifyErrors([/started by Ana/]);
});

test.tags("desktop");
test("the pager goes on to another run, and that one is driven then", async () => {
    const first = new Deferred();
    onRpc("run", "process", function ({args}) {
        const [id] = args[0];
        expect.step(id);
        if (id === 1) {
            return first;
        }
        this.env.run.write([id], {state: "done", progress: 100});
        return 50;
    });
    await mountRun({}, {progress: 20});
    await settle();
    await contains(".o_pager_next").click();
    expect(".o_lead_run_progress").toHaveText(/20%/);
    first.resolve(50);
    await settle();
    expect.verifySteps([1, 2]);
    expect(".o_lead_run_progress").toHaveText(/100%/);
});

test.tags("desktop");
test("a run that the pager comes to is driven, and by one loop only", async () => {
    onRpc("run", "process", ({args}) => {
        expect.step(args[0][0]);
        return new Promise(() => {});
    });
    await mountRun({state: "done"}, {});
    await settle();
    await contains(".o_pager_next").click();
    await settle();
    expect.verifySteps([2]);
    await contains(".o_pager_previous").click();
    await contains(".o_pager_next").click();
    await settle();
    expect.verifySteps([]);
});
