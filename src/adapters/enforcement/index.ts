import { breakerViews } from '../../enforce/breaker';
import { stateWithoutKey, withoutKey } from '../../enforce/forget';
import { group } from '../../enforce/groups';
import { manualRelease, manualRequest } from '../../enforce/manual';
import { decideAll, decideManual } from '../../enforce/rails';
import { standingOf, standingsOf } from '../../enforce/standing';
import { liveActions, noteActive, noteRaised, recordOf } from '../../enforce/state';
import { createDeliveries } from './deliveries';
import { openDesk } from './desk';
import { enforceSettings, impossible } from './settings';
import { createSightings } from './sightings';
import type { Enforcement, EnforcementOptions } from './types';

export { enforceSettings } from './settings';
export type { Enforcement, EnforcementOptions } from './types';

/** Longest sleep of the loop; a clock that was set is noticed after it. */
const MAX_SLEEP_MS = 60_000;
/** How long `stop` waits for deliveries under way before it aborts them. */
const STOP_GRACE_MS = 5_000;
/** A release this long overdue is a problem worth showing. */
const OVERDUE_MS = 900_000;
const MOST_STANDINGS = 1_000;

/**
 * Runs the second half: decides requests, delivers what was accepted, releases what has run its time. Loads the ledger
 * and resumes what it left open. Guarantees: an outcome is in the ledger before anything follows from it; a notice is
 * durable before its outcome is; one delivery per key at a time, an action always before its release; nothing is sent
 * after `notAfter`. A crash at any moment repeats at most a delivery or a notice, with the same id. Throws at once where
 * the enforcer cannot do what the policy asks for.
 */
export async function startEnforcement(options: EnforcementOptions): Promise<Enforcement> {
  const { enforcer, clock, config } = options;
  const settings = enforceSettings(config, enforcer?.capabilities);
  const acting = settings.mode === 'enforce';
  if (acting && enforcer === undefined) {
    throw new Error('enforce.mode is "enforce" but neither enforce.webhook nor enforce.via names who is to act');
  }
  const fault = acting && impossible(options.asked ?? [], enforcer!.capabilities, settings.automaticRevoke);
  if (fault) throw new Error(fault);

  const stopping = new AbortController();
  const aborting = new AbortController();
  const waiting: (() => void)[] = [];
  let wake = new AbortController();
  const look = () => wake.abort();
  let once = 0;

  const desk = await openDesk(options, settings, stopping.signal, () => {
    sightings?.follow(desk.state());
    look();
  });
  const effectMs = enforcer?.capabilities.effectMs ?? 0;
  const sightings = options.witnessing === true ? createSightings(settings, effectMs, look) : undefined;
  sightings?.follow(desk.state());
  const deliveries = createDeliveries(options, desk, sightings, acting, aborting.signal, look);

  function tellIdle(): void {
    if (!stopping.signal.aborted && deliveries.busy()) return;
    for (const resolve of waiting.splice(0)) resolve();
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      const next = deliveries.pump();
      tellIdle();
      await clock.sleep(Math.max(0, Math.min(next - clock.now(), MAX_SLEEP_MS)), wake.signal);
    }
  }
  const looping = loop();

  return {
    submit: (requests, { lagging }) =>
      desk.inTurn(() => {
        // A request of no partition rests on no data.
        const first = requests.find(({ partition }) => partition >= 0);
        const quality = first && options.quality?.(first.partition);
        return desk.commit(decideAll(desk.state(), requests, clock.now(), { settings, lagging, quality }));
      }),
    tell: (documents) =>
      desk.inTurn(async () => {
        const now = clock.now();
        const told = group(desk.state().groups, documents, now, settings.groupWindowMs);
        if (told.documents.length > 0) await options.notices(told.documents);
        await desk.commit(told.outcomes);
        for (const { event, user, organization, keywatch } of documents) {
          if (event.kind !== 'alert' || user === undefined || keywatch.incident === undefined) continue;
          const about = { key: user.id, keyName: user.name, tenant: organization?.id ?? '' };
          desk.update((state) => noteRaised(state, { ...about, incidentId: keywatch.incident!.id }, now));
        }
      }),
    noteActive(partition, keys, tenants) {
      desk.update((state) => noteActive(state, partition, keys, clock.now(), tenants));
    },
    traffic: (key, status, ts) => sightings?.traffic(key, status, ts),
    reached: (partition, ts) => sightings?.reached(partition, ts),
    standing: (key) => standingOf(desk.state(), key, clock.now(), settings),
    standings: (limit = MOST_STANDINGS) => standingsOf(desk.state(), clock.now(), settings, limit),
    suspend: (about) =>
      desk.inTurn(async () => {
        const now = clock.now();
        once += 1;
        const request = manualRequest(about, now, String(once));
        const outcomes = decideManual(desk.state(), request, now, settings, about.force === true);
        await desk.commit(outcomes);
        const held = outcomes.find(({ state }) => state === 'held');
        if (held?.rail === undefined) return { ok: true, requestIds: [request.id] };
        return { ok: false, rail: held.rail, detail: held.detail ?? '' };
      }),
    release: (about) =>
      desk.inTurn(async () => {
        const outcomes = manualRelease(desk.state(), about, clock.now());
        if (outcomes === undefined) {
          return { ok: false, rail: 'not-allowed', detail: 'a revocation cannot be taken back' };
        }
        await desk.commit(outcomes);
        const ids = outcomes.filter(({ state }) => state === 'release-due').map(({ requestId }) => requestId);
        deliveries.recall(ids);
        return { ok: true, requestIds: ids };
      }),
    resetBreaker: (by, tenant) =>
      desk.inTurn(() => {
        const at = clock.now();
        const who = by.slice(0, 256);
        const requestId = `breaker-reset-${at}`;
        return desk.commit([{ requestId, state: 'breaker-reset', at, by: who, detail: who, tenant }]);
      }),
    breaker: () => breakerViews(desk.state().circuits),
    forget: (key, as, force) =>
      desk.inTurn(async () => {
        if (!force && recordOf(desk.state(), key).live.length > 0) return false;
        const left = await options.ledger.rewrite((outcomes) => withoutKey(outcomes, key, as));
        desk.update((state) => stateWithoutKey(state, key, left));
        return true;
      }),
    problem() {
      if (desk.fault() !== undefined) return desk.fault();
      const now = clock.now();
      const overdue = [...liveActions(desk.state())].filter(
        ({ stage, until }) => stage !== 'accepted' && now > until + OVERDUE_MS,
      ).length;
      return overdue > 0 ? `enforcement: ${overdue} releases are overdue` : deliveries.trouble();
    },
    idle() {
      return new Promise((resolve) => {
        waiting.push(resolve);
        look();
      });
    },
    async stop() {
      stopping.abort();
      look();
      const settled = new AbortController();
      void clock.sleep(STOP_GRACE_MS, settled.signal).then(() => aborting.abort());
      await Promise.all([looping, deliveries.settled()]);
      await desk.inTurn(async () => undefined);
      settled.abort();
      tellIdle();
    },
  };
}
