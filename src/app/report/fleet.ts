import { day, many } from '../../adapters/report/words';
import { grouped } from '../../adapters/terminal';
import { tierOf } from '../../decide/policy';
import { noInventory } from '../../domain/inventory';
import type { StoredIncident } from '../../enforce/incidents';
import type { ReportOptions } from '../../options';
import { reviewAccess } from '../../report/access-review';
import { type PastIncident, rateRisk, riskFactors, riskWeights } from '../../report/risk';
import { createUsage, type Usage } from '../../report/usage';
import { openPast, type Past } from './past';
import { writeReport } from './write';

const DAY = 86_400_000;

/** `keywatch report access-review`. */
export async function reportAccess(options: ReportOptions): Promise<void> {
  const past = await openPast(options);
  const usage = await usageOf(past);
  const { asOf, notes } = spanOf(usage, past, options);
  const { unusedMs, rotateMs, rotateMsByTier } = options;
  const review = reviewAccess(usage, {
    inventory: past.inventory,
    asOf,
    unusedMs,
    rotateMs,
    rotateMsByTier,
    tierOf: (key) => tierOf(past.config.policy, key),
  });
  const days = Math.floor(unusedMs / DAY);
  const page = {
    title: 'Access review',
    notes: [
      ...notes,
      `${many(review.reviewed, 'key')} reviewed, ${grouped(review.declared)} of them declared; ${many(review.findings.length, 'finding')}.`,
      ...(review.short
        ? [`The log does not reach back ${days} days: a key that it does not show may have been used before.`]
        : []),
    ],
    sheets: [
      {
        name: 'findings',
        title: 'Findings',
        columns: ['key', 'finding', 'detail', 'owner', 'tier', 'name', 'tenant', 'last used'],
        rows: review.findings.map((f) => [
          f.key,
          f.kind,
          f.detail,
          f.owner,
          f.tier,
          f.keyName,
          f.tenant,
          f.lastUsed === undefined ? '' : day(f.lastUsed),
        ]),
      },
    ],
  };
  const findings = review.findings.map((f) => ({ ...f, lastUsed: isoOf(f.lastUsed) }));
  await writeReport(page, { ...logOf(usage), ...review, asOf: isoOf(asOf), findings }, options);
}

/** `keywatch report risk`. */
export async function reportRisk(options: ReportOptions): Promise<void> {
  const past = await openPast(options);
  const incidents = (await past.incidents()).list({}, Number.POSITIVE_INFINITY).map(pastIncident);
  const usage = await usageOf(past);
  const { asOf, notes } = spanOf(usage, past, options);
  const keys = rateRisk(usage, { inventory: past.inventory, incidents, asOf });
  const weights = riskFactors.map((name) => `${name} ${riskWeights[name]}`).join(', ');
  const page = {
    title: 'Keys by risk',
    notes: [
      ...notes,
      `Points at most: ${weights}. Their sum ranks the keys; it is no probability.`,
      `${many(keys.filter(({ elevated }) => elevated).length, 'key')} of ${grouped(keys.length)} at elevated risk; ${many(incidents.length, 'incident')} known.`,
    ],
    sheets: [
      {
        name: 'keys',
        title: 'Keys',
        brief: 5,
        columns: ['key', 'risk', 'level', 'why', 'owner', 'name', 'tenant', ...riskFactors],
        rows: keys.map((k) => [
          k.key,
          k.risk,
          k.elevated ? 'elevated' : '',
          k.factors.map(({ points, why }) => `${why} (${points})`).join('; '),
          k.owner,
          k.keyName,
          k.tenant,
          ...riskFactors.map((name) => k.factors.find(({ factor }) => factor === name)?.points ?? 0),
        ]),
      },
    ],
  };
  await writeReport(page, { ...logOf(usage), asOf: isoOf(asOf), weights: riskWeights, keys }, options);
}

async function usageOf({ inventory, present, conceal, pass }: Past): Promise<Usage> {
  const usage = createUsage({ inventory, present, conceal });
  await pass((events) => {
    for (const event of events) usage.see(event);
  });
  return usage.result();
}

/** The moment the report is of: what `--at` says, else the last request of the log. */
function spanOf(usage: Usage, { inventory, present }: Past, { at }: ReportOptions) {
  const { from, until, events, beyond, fromFuture } = usage;
  const asOf = at ?? until ?? present;
  const log =
    from === undefined || until === undefined
      ? 'The log holds no request.'
      : `${many(events, 'request')} of ${many(usage.keys.size, 'key')}, ${day(from)} to ${day(until)}; as of ${day(asOf)}.`;
  const notes = [
    log,
    ...(inventory === noInventory
      ? ['No inventory is configured: owners, ages and limits are not known (section inventory of the configuration).']
      : []),
    ...(beyond > 0 ? [`${many(beyond, 'request')} of further keys that nobody declared left out.`] : []),
    ...(fromFuture > 0 ? [`${many(fromFuture, 'request')} later than ${day(present)} left out.`] : []),
  ];
  return { asOf, notes };
}

function logOf({ from, until, events, beyond, fromFuture, keys }: Usage): object {
  return { log: { from: isoOf(from), until: isoOf(until), events, keys: keys.size, beyond, fromFuture } };
}

const isoOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

/** The last word of a person counts. */
function pastIncident({ key, document, feedback }: StoredIncident): PastIncident {
  const said = feedback.filter(({ withdrawn }) => withdrawn === undefined);
  return { key, severity: document.event.severity, verdict: said[said.length - 1]?.verdict };
}
