import { enforceSettings } from '../adapters/enforcement/settings';
import { policyJson, policyText } from '../adapters/report/policy';
import { progress } from '../adapters/terminal';
import type { Config } from '../config';
import { actOut, type PastRequest } from '../enforce/act-out';
import { comparePolicies } from '../enforce/compare';
import type { Effects, Engine } from '../engine';
import type { RunPolicyReplay } from '../options';
import { createEngine } from './core';
import { configOf, createReader } from './evaluate/pass';
import { declaredFirst } from './inventory';

/** One policy's half of the comparison. */
interface Lane {
  readonly config: Config;
  readonly engine: Engine;
  readonly past: PastRequest[];
}

/** More than this no person reads; a policy that asks so often is wrong, and the page says so. */
const MOST_REQUESTS = 100_000;

/**
 * `keywatch replay --policy`: the present and a proposed policy over the same past, in one pass: which keys each would
 * have acted on, when, why, for how long. Nothing is sent, written or remembered.
 */
export const runPolicyReplay: RunPolicyReplay = async (options) => {
  const { terminal, stop, files, json, proposed } = options;
  const config = configOf(options);
  const lanes = [config, { ...config, policy: proposed.policy, enforce: proposed.enforce ?? config.enforce }].map(
    (of): Lane => ({ config: of, engine: createEngine(of, 0), past: [] }),
  );
  const declared = await declaredFirst(config, (line) => terminal.err.write(`keywatch: ${line}\n`));
  for (const { engine } of lanes) engine.advance(declared);
  let events = 0;
  let from = Infinity;
  let until = 0;
  const take = ({ engine, past }: Lane, { requests }: Effects) => {
    for (const request of requests)
      if (past.length < MOST_REQUESTS) past.push({ request, activeKeys: engine.activeKeys });
  };
  const bar = progress({ stream: terminal.err as NodeJS.WriteStream });
  try {
    await createReader({ format: options.format, stop }, config).pass(
      files,
      (read, lines) => {
        for (const { ts } of read) {
          from = Math.min(from, ts);
          until = Math.max(until, ts);
        }
        events += read.length;
        for (const lane of lanes) {
          const entries = read.map(
            (event, i) => ({ kind: 'event', offset: lines[i], event, timestamp: undefined }) as const,
          );
          take(lane, lane.engine.advance(entries));
        }
      },
      (share) => bar.update(share, events),
    );
    for (const lane of lanes) take(lane, lane.engine.advance([{ kind: 'tick', ts: lane.engine.watermark }]));
  } finally {
    bar.finish();
  }
  const [present, other] = lanes.map(({ past, config: { enforce } }) => actOut(past, enforceSettings(enforce)));
  const comparison = comparePolicies(present, other, until);
  const about = { events, from: events === 0 ? undefined : from, until: events === 0 ? undefined : until };
  if (lanes.some(({ past }) => past.length >= MOST_REQUESTS))
    terminal.err.write(`keywatch: only the first ${MOST_REQUESTS} requests of a policy are compared\n`);
  terminal.out.write(
    json
      ? `${JSON.stringify(policyJson(comparison, about))}\n`
      : policyText(comparison, about, { width: terminal.width, colour: terminal.colour.out }),
  );
};
