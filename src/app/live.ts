import { takeBreakerRequest } from '../adapters/file/breaker-request';
import { ensureDirectory } from '../adapters/file/durable';
import { lockState } from '../adapters/file/lock';
import { createHttp } from '../adapters/http';
import { openSecretFiles } from '../adapters/secret-standing';
import { noInventory } from '../domain/inventory';
import type { RunLive } from '../options';
import { declaring } from './declaring';
import { drive } from './drive';
import { openAlerts, openDeadLetters } from './live/alerts';
import { openApi } from './live/api';
import { openAudit } from './live/audit';
import { createBridge } from './live/bridge';
import { openCanary } from './live/canary';
import { openDetection } from './live/detecting';
import { openEnforcement } from './live/enforcing';
import { openForgetting } from './live/forgetting';
import { messageOf, openHouse } from './live/house';
import { openInbound } from './live/inbound';
import { forgetsToo, noting, openIncidents } from './live/incidents';
import { runIngest } from './live/ingesting';
import { ingestsOnly, loggedSource } from './live/logging';
import { ownerSinks } from './live/owner';
import { openPolicy } from './live/policy';
import { createReports } from './live/reporting';
import { watchParts } from './watch';

/**
 * The product, live. Resolves after a graceful stop: fetching stopped, the slice in progress finished and its effects
 * durable, checkpoint written, position committed, group left. Rejects on a fault that needs a restart; what was durable
 * by then is taken up by the next start, with the same ids.
 */
export const runLive: RunLive = async (config, context, reread) => {
  const house = openHouse(config, context);
  const { clock, log, telemetry, parts, closing, patience } = house;
  try {
    const http = await createHttp({ ...config.http, parts: () => parts, metrics: house.metrics });
    closing.push(() => http.close());
    parts.push({ name: 'start', problem: () => 'starting' });
    log.info({ url: http.url, mode: config.enforce.mode }, 'operations endpoint is up');

    for (const { setting, file, mode } of openSecretFiles(config))
      log.warn({ setting, file, mode }, 'every user of this machine can read the file of a secret');
    const logged = loggedSource(config);
    if (logged !== undefined && ingestsOnly(config)) return await runIngest(house, logged, context);
    const { dir } = config.state;
    await ensureDirectory(dir);
    const unlock = await lockState(dir);
    closing.push(unlock);

    let inventory = noInventory;
    const alerts = await openAlerts(
      house,
      ownerSinks(house, () => inventory),
    );
    const incidents = await openIncidents(house);
    const tell = noting(incidents, alerts.tell);
    const deadLetters = openDeadLetters(house);
    const auditing = await openAudit(house, tell);
    const bridge = createBridge(house);
    const enforcement = await openEnforcement(house, tell, auditing.ledger, bridge);
    const canary = openCanary(house, auditing.audit);
    const detecting = await openDetection(
      { ...house, telemetry: bridge.telemetry },
      canary.tell(enforcement.tell),
      enforcement,
      deadLetters,
      canary,
    );
    const { source, runtime, inventories } = detecting;
    const report = createReports(clock, enforcement);
    const commands = auditing.commands(runtime);
    const governed = openPolicy(house, runtime, commands, reread);
    const declared = declaring({
      config,
      runtime: commands,
      inventories: auditing.inventories(inventories),
      clock,
      telemetry,
      log,
      onInventory: (read) => {
        inventory = read;
      },
      forget: openForgetting(house, forgetsToo(alerts, incidents), enforcement, detecting, auditing.audit),
    });
    await declared();
    await openApi(house, { control: enforcement, file: incidents, audit: auditing.audit, inventory: () => inventory });
    await openInbound(house, {
      enforcement,
      file: incidents,
      audit: auditing.audit,
      inventory: () => inventory,
      knows: runtime.knows,
    });
    parts.splice(
      parts.findIndex((part) => part.name === 'start'),
      1,
    );
    const whole = await drive({
      source,
      runtime,
      clock,
      stop: context.stop,
      patience,
      log,
      beforeTick: async () => {
        report(runtime);
        await takeBreakerRequest(dir, async (by) => {
          await enforcement.resetBreaker(by);
          log.warn({ by }, 'the circuit breaker was reset');
        });
        await declared();
        await governed();
        await bridge.tick(runtime);
        await canary.tick(runtime);
        await auditing.tick();
      },
      look: watchParts(() => parts, log),
    });
    if (whole) log.info('stopped: effects are durable, checkpoints written, positions committed');
  } finally {
    for (const close of closing.reverse())
      await close().catch((error) => log.error({ error: messageOf(error) }, 'while closing'));
  }
};
