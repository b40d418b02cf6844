import { nearest } from '../../adapters/nearest';
import type { Format } from '../../config';
import { reportKinds } from '../../options';
import { command, config, format as formatOption, help } from '../command';
import { format, text, time, type Words } from '../words';

export interface ReportInvocation {
  readonly command: 'report';
  readonly kind: (typeof reportKinds)[number];
  readonly subject: string | undefined;
  readonly files: readonly string[];
  readonly at: number | undefined;
  readonly since: number | undefined;
  readonly unusedMs: number;
  readonly rotateMs: number;
  readonly rotateMsByTier: ReadonlyMap<string, number>;
  readonly html: string | undefined;
  readonly csv: string | undefined;
  readonly json: string | undefined;
  readonly table: string | undefined;
  readonly config: string | undefined;
  readonly format: Format | undefined;
}

export const reportCommand = command({
  summary: 'Review access, rank keys by risk, or tell what an incident did, from the retained log.',
  usage:
    'keywatch report access-review|risk [--from FILE …] [-c FILE] [OPTIONS]\n       keywatch report incident ID|KEY [--from FILE …] [-c FILE] [OPTIONS]',
  about: [
    'Reads logs as replay does, the inventory of the configuration, and incidents and outcomes of its state directory',
    'beside a running process. access-review: keys not used, not rotated, without owner, declared broader than used,',
    'used outside their limits. risk: every key by an explained sum. incident: who uses the key, who the thief is, what',
    'he touched, when, what to rotate, which clients still use the key. A page for people goes to standard output.',
  ],
  options: {
    from: { type: 'string', value: 'FILE', many: true, help: 'A log, a directory (default: source of -c).' },
    config: config('Take inventory, tiers, formats and the state directory from this configuration.'),
    'unused-for': { type: 'string', value: 'SPAN', help: 'access-review: not used for so long (default 90d).' },
    'rotate-after': {
      type: 'string',
      value: 'SPAN',
      many: true,
      help: 'access-review: 90d (the default), or TIER=30d.',
    },
    since: { type: 'string', value: 'TIME', help: 'incident: when the key’s use should have ended.' },
    at: { type: 'string', value: 'TIME', help: 'The moment of the report (default: last request).' },
    html: { type: 'string', value: 'FILE', help: 'Write a self-contained page here.' },
    csv: { type: 'string', value: 'FILE', help: 'Write a table here.' },
    table: { type: 'string', value: 'NAME', help: 'Which table --csv gets (default: the first).' },
    json: { type: 'string', value: 'FILE', help: 'Write everything here as JSON.' },
    format: formatOption(''),
    help,
  },
  files: 2,
  examples: [
    ['Which keys nobody needs', 'keywatch report access-review -c keywatch.yaml --from logs/ --csv review.csv'],
    ['Which keys to look at first', 'keywatch report risk --from access.ndjson --html risk.html'],
    ['What the thief did', 'keywatch report incident k_4711 --from access.ndjson --html incident.html'],
  ],
  read,
  run: (invocation, context) => (require('../report') as typeof import('../report')).report(invocation, context),
});

const DEFAULT_MS = 90 * 86_400_000;

function read(words: Words): ReportInvocation {
  const { faults, options } = words;
  const [name = '', subject] = words.files;
  const kind = reportKinds.find((known) => known === name);
  const files = words.repeated.get('from') ?? [];
  if (kind === undefined) {
    const near = name === '' ? undefined : nearest(name, reportKinds);
    faults.push(
      `expected one of ${reportKinds.join(', ')}${name === '' ? '' : `, not ${JSON.stringify(name)}`}${near === undefined ? '' : `; did you mean ${near}?`}`,
    );
  }
  if (kind === 'incident') {
    if (subject === undefined) faults.push('an incident id or key id is missing, as alerts have them');
    if (files.includes('-')) faults.push('an incident reads the log twice: it cannot be standard input');
  } else if (kind !== undefined && subject !== undefined) faults.push(`unexpected ${JSON.stringify(subject)}`);
  if (files.length === 0 && !options.has('from') && !options.has('config')) {
    faults.push('the log is missing: --from FILE, or -c FILE with a file as source');
  }
  for (const option of ['unused-for', 'rotate-after'] as const) {
    if (kind !== undefined && kind !== 'access-review' && options.has(option)) {
      faults.push(`--${option} goes with access-review`);
    }
  }
  if (kind !== undefined && kind !== 'incident' && options.has('since')) faults.push('--since goes with incident');
  if (options.has('table') && !options.has('csv')) faults.push('--table says what --csv gets: give --csv FILE');
  return {
    command: 'report',
    kind: kind ?? 'risk',
    subject,
    files,
    at: time(words, 'at'),
    since: time(words, 'since'),
    unusedMs: span(words, 'unused-for', text(words, 'unused-for') ?? '90d'),
    ...rotation(words),
    html: text(words, 'html'),
    csv: text(words, 'csv'),
    json: text(words, 'json'),
    table: text(words, 'table'),
    config: text(words, 'config'),
    format: format(words),
  };
}

/** `90d` for all, `TIER=30d` for one tier; given again, the last of each counts. */
function rotation(words: Words): Pick<ReportInvocation, 'rotateMs' | 'rotateMsByTier'> {
  let rotateMs = DEFAULT_MS;
  const rotateMsByTier = new Map<string, number>();
  for (const value of words.repeated.get('rotate-after') ?? []) {
    const cut = value.lastIndexOf('=');
    const ms = span(words, 'rotate-after', value.slice(cut + 1));
    if (cut < 0) rotateMs = ms;
    else rotateMsByTier.set(value.slice(0, cut), ms);
  }
  return { rotateMs, rotateMsByTier };
}

const units = { h: 3_600_000, d: 86_400_000 } as const;

function span(words: Words, name: string, value: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([hd])$/.exec(value) ?? [];
  if (count !== undefined) return Number(count) * units[unit as keyof typeof units];
  words.faults.push(`--${name} ${JSON.stringify(value)}: expected a span such as 90d or 36h`);
  return DEFAULT_MS;
}
