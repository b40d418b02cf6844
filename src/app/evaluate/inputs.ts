import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { FleetWindow, Newcomer, TheftLabel } from '../../evaluate';
import { type EvaluateOptions, OperatorError } from '../../options';

/** A stream by its files, with the files of what is known about it. */
export interface StreamFiles {
  readonly name: string;
  readonly files: readonly string[];
  readonly labels: string | undefined;
  readonly newcomers: string | undefined;
  readonly attackLines: string | undefined;
  readonly plain: string | undefined;
  readonly windows: string | undefined;
}

/** What is known about a stream. */
export interface Known {
  readonly labels: readonly TheftLabel[];
  readonly newcomers: readonly Newcomer[];
  /** Line numbers from 0 of the thief's requests. */
  readonly attackLines: ReadonlySet<number> | undefined;
  readonly windows: readonly FleetWindow[];
}

/** Longest companion file, unpacked. */
const MAX_BYTES = 268_435_456;

/** All streams of the command line: each set, and the named files as one stream. Throws OperatorError for a missing set. */
export function streamsOf(options: EvaluateOptions): StreamFiles[] {
  const sets = options.sets.map(setOf);
  if (options.files.length === 0) return sets;
  const { files, labels, newcomers, attackLines, plain, windows } = options;
  return [...sets, { name: basename(files[0]!), files, labels, newcomers, attackLines, plain, windows }];
}

/**
 * A set is DIR/PREFIX: the stream PREFIX.ndjson, beside it PREFIX.labels.ndjson, PREFIX.attack-lines.json and
 * PREFIX.windows.ndjson. For PREFIX = SITE.rest, SITE.benign-newcomers.ndjson lists harmless newcomers and
 * SITE.control-plain.ndjson is the traffic without the incidents of the windows. Each may be gzip (.gz) and, but for the
 * stream, absent.
 */
function setOf(path: string): StreamFiles {
  const site = join(dirname(path), basename(path).split('.')[0]!);
  const stream = found(`${path}.ndjson`);
  if (stream === undefined)
    throw new OperatorError(`--set ${path}: there is no ${path}.ndjson and no ${path}.ndjson.gz`);
  const windows = found(`${path}.windows.ndjson`);
  return {
    name: `${basename(dirname(path))}/${basename(path)}`,
    files: [stream],
    labels: found(`${path}.labels.ndjson`),
    newcomers: found(`${site}.benign-newcomers.ndjson`),
    attackLines: found(`${path}.attack-lines.json`),
    plain: windows === undefined ? undefined : found(`${site}.control-plain.ndjson`),
    windows,
  };
}

const found = (path: string): string | undefined => [path, `${path}.gz`].find((name) => existsSync(name));

const time = z
  .union([z.iso.datetime({ offset: true }), z.number()])
  .transform((value) => (typeof value === 'number' ? value : Date.parse(value)));

const labelLine = z
  .object({
    key: z.string(),
    start: time,
    end: time.optional(),
    windowEnd: time.optional(),
    kind: z.string().optional(),
  })
  .transform(({ key, start, end, windowEnd, kind }) => ({
    key,
    start,
    windowEnd: windowEnd ?? end ?? start,
    kind: (kind ?? 'theft').slice(0, 64),
  }));
const newcomerLine = z.object({ key: z.string(), first: time, last: time });
const windowLine = z.object({ start: time, end: time, kind: z.string().max(64), key: z.string().optional() });

/** Reads a stream's companions. Throws OperatorError, with file and line, for what cannot be read. */
export async function readKnown(stream: StreamFiles): Promise<Known> {
  return {
    labels: await readLines(stream.labels, labelLine),
    newcomers: await readLines(stream.newcomers, newcomerLine),
    attackLines: await readAttack(stream.attackLines),
    windows: await readLines(stream.windows, windowLine),
  };
}

async function readLines<T>(path: string | undefined, schema: z.ZodType<T>): Promise<readonly T[]> {
  if (path === undefined) return [];
  const values: T[] = [];
  for (const [i, line] of (await text(path)).split('\n').entries()) {
    if (line.trim() === '') continue;
    const parsed = schema.safeParse(json(line));
    if (parsed.success) values.push(parsed.data);
    else throw new OperatorError(`${path}:${i + 1}: ${problem(parsed.error)}`);
  }
  return values;
}

async function readAttack(path: string | undefined): Promise<ReadonlySet<number> | undefined> {
  if (path === undefined) return undefined;
  const parsed = z.array(z.number().int().min(0)).safeParse(json(await text(path)));
  if (!parsed.success) throw new OperatorError(`${path}: expected a JSON array of line numbers from 0`);
  return new Set(parsed.data);
}

function problem(error: z.ZodError): string {
  const [issue] = error.issues;
  const where = issue?.path.join('.') ?? '';
  return where === '' ? 'expected a JSON object' : `${where} is missing or not as expected`;
}

/** The value, or undefined for what is no JSON; no schema here takes undefined. */
function json(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

async function text(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new OperatorError(`${path} cannot be read (${error.code ?? 'unknown'})`);
  });
  if (bytes.length > MAX_BYTES) throw new OperatorError(`${path}: larger than 256 MiB`);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES }).toString('utf8');
  } catch {
    throw new OperatorError(`${path}: damaged gzip data, or larger than 256 MiB unpacked`);
  }
}
