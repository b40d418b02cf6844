import type { Config } from '../../config';
import type { ModelSettings } from '../../detect/model';
import type { AlertDocument } from '../../domain/alert';
import type { UsageEvent } from '../../domain/event';
import type { Effects, LogEntry } from '../../engine';
import { baselineRules, type ScoredAlert } from '../../evaluate';
import { createEngine } from '../core';

/** A request for a suspension, as far as it is judged. */
export interface Asked {
  readonly key: string;
  readonly ts: number;
}

/** What one stream made the product say, and what the rules beside it say. */
export interface Observed {
  readonly alerts: readonly ScoredAlert[];
  /** The documents of the worst alerts, by `alertId`. */
  readonly documents: ReadonlyMap<string, AlertDocument>;
  readonly candidates: readonly ScoredAlert[];
  readonly asked: readonly Asked[];
  readonly baselines: ReadonlyMap<string, readonly ScoredAlert[]>;
  readonly keys: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly events: number;
}

export interface Observer {
  see(events: readonly UsageEvent[]): void;
  /** Once, after the last event: lets what waits in the engines out. */
  finish(): Observed;
}

export const alertId = ({ key, ts }: { readonly key: string; readonly ts: number }): string => `${ts} ${key}`;

/** Only the worst alerts are shown with their documents: beyond this many, the milder half is given up. */
const MOST_DOCUMENTS = 10_000;

/** Risk from which the sweep sees candidates: one benign key-day in two has a greater one. */
const SWEEP_RISK = 10;

/** The configuration with one rule: alert from `risk` on. */
export function alertingFrom(config: Config, risk: number): Config {
  const when = { risk, confidence: 0, signs: 0, surprise: 1, actor: 0 };
  return {
    ...config,
    policy: { ...config.policy, rules: [{ name: 'evaluated', when, action: 'alert', for: 3_600_000 }] },
  };
}

/** Risk from which the policy alerts whatever else is the case; Infinity where every rule asks for more than risk. */
export function alertFloor(config: Config): number {
  const risks = config.policy.rules
    .filter(({ action, when }) => {
      const { tiers, confidence, signs, actor, facets, rule } = when;
      const more = tiers ?? facets ?? rule;
      return action !== 'observe' && more === undefined && confidence === 0 && signs === 0 && actor === 0;
    })
    .map(({ when }) => when.risk);
  return Math.min(...risks);
}

/**
 * Runs two engines side by side: one with the policy as it is, which gives the operating point, and one that alerts from
 * a low risk on. Candidates for choosing a threshold are the alerts of the first (and updates that raise them) above the
 * risk from which it alerts, and those of the second below: whom an alert makes a suspect is not learned, so that a run
 * that alerts about everyone learns less than the one that is judged. `declared` comes before the first event. `model`
 * hears of the first run's looks only.
 */
export function createObserver(
  config: Config,
  seed: number,
  declared: readonly LogEntry[] = [],
  model?: ModelSettings,
): Observer {
  const engine = createEngine(config, 0, model);
  const sweeping = createEngine(alertingFrom(config, SWEEP_RISK), 0, model && { models: model.models });
  engine.advance(declared);
  sweeping.advance(declared);
  const rules = baselineRules<UsageEvent>((event) => event.country, seed);
  const keys = new Set<string>();
  const alerts: ScoredAlert[] = [];
  const documents = new Map<string, AlertDocument>();
  const asked: Asked[] = [];
  const candidates: ScoredAlert[] = [];
  const highest = new Map<string, number>();
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  let offset = 0;

  const floor = alertFloor(config);

  const note = ({ alerts: found, requests }: Effects): void => {
    if (floor < Number.POSITIVE_INFINITY) noteCandidates(found, 'a', Number.POSITIVE_INFINITY);
    for (const document of found) {
      if (document.event.kind !== 'alert' || document.user === undefined) continue;
      const alert = scored(document, document.user.id);
      alerts.push(alert);
      documents.set(alertId(alert), document);
      if (documents.size > MOST_DOCUMENTS) keepWorst(documents);
    }
    for (const { key, decidedAt } of requests) asked.push({ key, ts: decidedAt });
  };
  const noteCandidates = (found: readonly AlertDocument[], run: string, below: number): void => {
    for (const document of found) {
      if (document.user === undefined) continue;
      const { key, ts, score } = scored(document, document.user.id);
      const incident = `${run} ${document.keywatch.incident?.id ?? document.event.id}`;
      const before = highest.get(incident);
      const candidate = { key, ts, score: Math.min(score, below) };
      if (document.event.kind === 'alert') candidates.push(candidate);
      else if (before !== undefined && candidate.score > before) candidates.push({ ...candidate, above: before });
      highest.set(incident, Math.max(before ?? 0, candidate.score));
    }
  };
  // Risk has one decimal: the next lower one.
  const sweepBelow = Math.round(10 * floor - 1) / 10;

  return {
    see(events) {
      const entries = events.map((event) => {
        keys.add(event.key);
        if (event.ts < start) start = event.ts;
        if (event.ts > end) end = event.ts;
        for (const rule of rules.values()) rule.see(event);
        return { kind: 'event', offset: offset++, event, timestamp: undefined } as const;
      });
      note(engine.advance(entries));
      noteCandidates(sweeping.advance(entries).alerts, 'b', sweepBelow);
    },
    finish() {
      note(engine.advance([{ kind: 'tick', ts: engine.watermark }]));
      noteCandidates(sweeping.advance([{ kind: 'tick', ts: sweeping.watermark }]).alerts, 'b', sweepBelow);
      const baselines = new Map([...rules].map(([name, rule]) => [name, rule.alerts]));
      return { alerts, documents, candidates, asked, baselines, keys: [...keys], start, end, events: offset };
    },
  };
}

function keepWorst(documents: Map<string, AlertDocument>): void {
  const mildest = [...documents].sort(([, a], [, b]) => a.event.risk_score - b.event.risk_score);
  for (const [id] of mildest.slice(0, MOST_DOCUMENTS / 2)) documents.delete(id);
}

function scored(document: AlertDocument, key: string): ScoredAlert {
  return { key, ts: Date.parse(document['@timestamp']), score: document.event.risk_score };
}
