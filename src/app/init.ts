import { stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Fault, readConfig } from '../adapters/config-file';
import { InputError } from '../adapters/file/history';
import { safeText } from '../adapters/terminal';
import type { Format } from '../config';
import { detectors } from '../detect/registry';
import { type CommandContext, OperatorError } from '../options';
import { configText, type Place } from './init/config-text';
import { isPacked, readSample, type Sample } from './init/sample';
import { nextLines, sampleLines, uselessLines } from './init/summary';

export interface InitOptions extends CommandContext {
  /** Where the live log is. */
  readonly log:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'kafka'; readonly brokers: readonly string[]; readonly topic: string };
  /** A file to look at in place of the log. */
  readonly sample: string | undefined;
  readonly format: Format;
  readonly keyField: string | undefined;
  readonly out: string;
  /** Replace what is at `out`. */
  readonly force: boolean;
}

/**
 * Looks at a sample and writes a configuration for its log, which is answered for: it is written only where reading it
 * back finds it sound. The answer is its faults, of which there are none where it was written. No server is contacted.
 * Throws OperatorError, and writes nothing, where `out` is there already and `force` is not, where the sample cannot be
 * read, and where nothing in it is a usage event.
 */
export async function runInit(options: InitOptions): Promise<readonly Fault[]> {
  const { log, out, terminal } = options;
  const look = options.sample ?? (log.kind === 'file' ? log.path : undefined);
  await guard(options, look);
  const sample = look === undefined ? undefined : await looked(options, look);
  const place = await placeOf(options);
  const rawKeys = sample?.rawKeys ?? 0;
  const text = configText({
    place,
    format: sample?.format ?? options.format,
    reason: sample?.reason ?? 'no sample was looked at: auto goes by the first record',
    keyField: options.keyField,
    rawKeys,
    privateRanges: sample?.privateRanges ?? [],
  });
  const read = readConfig(text, { detectors: detectors.map((detector) => detector.name) });
  if (!read.ok) return read.faults;
  await write(options, text);
  if (sample === undefined) {
    terminal.out.write('No sample was looked at (--sample FILE names one), and no broker was contacted.\n');
  } else {
    terminal.out.write(`In ${safeText(look!, 200)}:\n${sampleLines(sample).join('\n')}\n`);
    if (log.kind === 'kafka') terminal.out.write('No broker was contacted: keywatch run will be the first to.\n');
  }
  terminal.out.write(`${nextLines({ place, out, sample: look, rawKeys }).join('\n')}\n`);
  return [];
}

async function looked({ format, keyField, stop }: InitOptions, path: string): Promise<Sample> {
  try {
    const sample = await readSample({ path, format, keyField, stop });
    if (sample.events > 0) return sample;
    throw new OperatorError(`${safeText(path, 200)}: ${uselessLines(sample).join('\n  ')}\n  nothing was written`);
  } catch (error) {
    if (error instanceof InputError) throw new OperatorError(error.message);
    throw error;
  }
}

/** A packed file does not grow: with one as its log, keywatch reads what is piped in. */
async function placeOf({ log, sample }: InitOptions): Promise<Place> {
  if (log.kind === 'kafka') return log;
  if (sample === undefined && (await isPacked(log.path))) return { kind: 'packed' };
  return { kind: 'file', path: resolve(log.path) };
}

const identity = async (path: string): Promise<string | undefined> => {
  const info = await stat(path).catch(() => undefined);
  return info === undefined ? undefined : `${info.dev}:${info.ino}`;
};

const occupied = (out: string): OperatorError =>
  new OperatorError(`${safeText(out, 200)} is there already: --force replaces it, --out FILE writes another`);

/** Before anything is read: what `out` may not replace. Even `force` does not replace the log. */
async function guard({ log, out, force }: InitOptions, look: string | undefined): Promise<void> {
  const there = await identity(out);
  if (there === undefined) return;
  for (const path of [look, log.kind === 'file' ? log.path : undefined]) {
    if (path !== undefined && (await identity(path)) === there)
      throw new OperatorError(`--out ${safeText(out, 200)} is the log itself`);
  }
  if (!force) throw occupied(out);
}

async function write({ out, force }: InitOptions, text: string): Promise<void> {
  try {
    // Exclusive, for a file that has come since it was looked for.
    await writeFile(out, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw occupied(out);
    throw error;
  }
}
