import { kinds, leavesTrace, type TheftKind, theftKinds } from '../../src/simulate/kinds';
import { table } from '../support/figures';

export interface Traffic {
  readonly keys: number;
  readonly days: number;
  readonly rate: number;
  readonly each: number;
  readonly seed: number;
}

export interface SimulatedLabel {
  readonly key: string;
  readonly kind: TheftKind;
  readonly theftId: string;
  readonly thief: { readonly ip: string };
}

/** What is read of the JSON of `keywatch evaluate`. */
export interface Evaluation {
  readonly pooled: {
    readonly events: number;
    readonly report: {
      readonly keyDays: number;
      readonly thefts: readonly { readonly key: string; readonly kind: string; readonly foundAt?: number | null }[];
      readonly falseAlerts: readonly unknown[];
      readonly falseAtNewcomers: number;
      readonly falseRate: { readonly value: number; readonly low: number; readonly high: number };
      readonly budgets: readonly {
        readonly budget: number;
        readonly threshold?: number | null;
        readonly found: { readonly value: number };
      }[];
    };
    readonly suspensions: { readonly thefts: number; readonly falseKeys: number };
  };
}

interface Row {
  readonly kind: TheftKind;
  readonly thefts: number;
  /** Sum over thefts of the share of their keys that were found. */
  readonly found: number;
  readonly keys: number;
  readonly foundKeys: number;
}

/** A thief with many keys is one theft, found in part when some of his keys are. */
function rowOf(kind: TheftKind, labels: readonly SimulatedLabel[], found: ReadonlySet<string>): Row {
  const incidents = new Map<string, { keys: number; found: number }>();
  for (const label of labels) {
    if (label.kind !== kind) continue;
    const thief = 'keys' in kinds[kind] ? label.thief.ip : label.theftId;
    const incident = incidents.get(thief) ?? { keys: 0, found: 0 };
    incident.keys++;
    if (found.has(label.key)) incident.found++;
    incidents.set(thief, incident);
  }
  const all = [...incidents.values()];
  const sum = (of: (incident: { keys: number; found: number }) => number) => all.reduce((n, i) => n + of(i), 0);
  return {
    kind,
    thefts: all.length,
    found: sum((i) => i.found / i.keys),
    keys: sum((i) => i.keys),
    foundKeys: sum((i) => i.found),
  };
}

export function printRun(
  title: string,
  { pooled }: Evaluation,
  labels: readonly SimulatedLabel[],
  traffic: Traffic,
): void {
  const { report, suspensions } = pooled;
  const found = new Set(report.thefts.flatMap((t) => (typeof t.foundAt === 'number' ? [t.key] : [])));
  const rows = theftKinds.map((kind) => rowOf(kind, labels, found));
  const { value, low, high } = report.falseRate;
  console.log(`\n${title}: ${traffic.keys} keys, ${traffic.days} days, seed ${traffic.seed}, ${pooled.events} events`);
  console.log(
    table(
      ['kind', 'what it is', 'leaves a trace in', 'found', 'keys'],
      rows.map((row) => [
        `\`${row.kind}\``,
        kinds[row.kind].about,
        kinds[row.kind].trace.join(', ') || 'nothing',
        `${tidy(row.found)} of ${row.thefts}`,
        `${row.foundKeys} of ${row.keys}`,
      ]),
    ),
  );
  const traced = rows.filter((row) => leavesTrace(row.kind));
  const share = (of: readonly Row[]) =>
    (100 * of.reduce((sum, r) => sum + r.found, 0)) /
    Math.max(
      1,
      of.reduce((sum, r) => sum + r.thefts, 0),
    );
  console.log(`found of the kinds that leave a trace: ${share(traced).toFixed(1)} %`);
  console.log(
    `false alerts per 1,000 key-days: ${value.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)}), ${report.falseAlerts.length} in ${Math.round(report.keyDays)} key-days, ${report.falseAtNewcomers} of them at listed newcomers`,
  );
  console.log(`suspension requests: on ${suspensions.thefts} stolen keys, falsely on ${suspensions.falseKeys} keys`);
  console.log(
    `keys found within budgets: ${report.budgets.map((b) => `${b.budget}: ${Math.round(100 * b.found.value)} % from risk ${b.threshold ?? '–'}`).join(', ')}`,
  );
}

const tidy = (n: number): string => (Number.isInteger(n) ? String(n) : n.toFixed(1));
