import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Config, configSchema } from '../config';
import { tagFindings } from './config-alerting';
import { crossFindings, fileFindings } from './config-checks';
import { type Fault, type Finding, findingToFault, schemaFindings } from './config-faults';
import { modelFindings } from './config-model';
import { type Path, pathText, valueAt } from './config-shape';
import { type EffectiveValue, effectiveValues } from './config-show';
import { MAX_CONFIG_BYTES, parseConfigText } from './config-text';
import { nearest } from './nearest';

export type { Fault } from './config-faults';
export { faultText } from './config-faults';
export type { EffectiveValue, Origin } from './config-show';

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config; readonly origins: readonly EffectiveValue[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export interface LoadOptions {
  /** Names of the detectors there are; with it, a name under `detect.detectors` or `alerting.tags` that is none of
   * them is a fault. */
  readonly detectors?: readonly string[];
  /**
   * False leaves out whether secrets and certificates are there, for a replay on a machine that has none of them.
   * Default true.
   */
  readonly checkFiles?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Reads a configuration in YAML or JSON, at most 1 MiB. All faults come at once, in the order of the file, and none
 * holds a secret. Never throws for what the file holds or for a file that cannot be read.
 */
export const loadConfig = (path: string, options: LoadOptions = {}): LoadedConfig => {
  const read = readBounded(path);
  return 'problem' in read ? refuse([wholeFault(read.problem)]) : readConfig(read.text, options);
};

/** `loadConfig` for a text at hand. */
export const readConfig = (text: string, options: LoadOptions = {}): LoadedConfig => {
  const parsed = parseConfigText(text);
  if (!parsed.ok) return refuse(parsed.faults);
  const { document, lineOf } = parsed;
  if (document === null || document === undefined) return refuse([wholeFault('the file is empty')]);
  const result = configSchema.safeParse(document);
  const findings = [
    ...schemaFindings(document, result.error?.issues ?? []),
    ...crossFindings(document),
    ...detectorFindings(document, ['detect', 'detectors'], options.detectors),
    ...detectorFindings(document, ['alerting', 'tags'], options.detectors),
    ...tagFindings(document),
    ...(options.checkFiles === false
      ? []
      : [...fileFindings(document, options.environment ?? process.env), ...modelFindings(document)]),
  ];
  if (result.success && findings.length === 0) {
    return { ok: true, config: result.data, origins: effectiveValues(document) };
  }
  const faults = onePerPath(findings).map((finding) => findingToFault(document, finding, lineOf(finding.path)));
  return refuse(faults.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
};

const refuse = (faults: readonly Fault[]): LoadedConfig => ({ ok: false, faults });

const wholeFault = (expected: string): Fault => ({ path: '', value: '', expected });

/** The schema's finding about a place comes first and is the plainer one. */
const onePerPath = (findings: readonly Finding[]): Finding[] =>
  [...new Map([...findings].reverse().map((finding) => [pathText(finding.path), finding])).values()].reverse();

const detectorFindings = (document: unknown, path: Path, known: readonly string[] | undefined): Finding[] => {
  const named = valueAt(document, path);
  if (!known || typeof named !== 'object' || named === null) return [];
  return Object.keys(named)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = nearest(name, known);
      return {
        path: [...path, name],
        expected: `expected a detector: ${known.join(', ')}`,
        hint: near === undefined ? undefined : `did you mean ${near}?`,
      };
    });
};

export const readBounded = (path: string): { text: string } | { problem: string } => {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    // A directory opens; a device or pipe may never end.
    if (!fstatSync(file).isFile()) return { problem: 'the configuration is not a plain file' };
    const buffer = Buffer.alloc(MAX_CONFIG_BYTES + 1);
    let length = 0;
    for (let got = -1; got !== 0 && length < buffer.length; length += got) {
      got = readSync(file, buffer, length, buffer.length - length, null);
    }
    if (length > MAX_CONFIG_BYTES) return { problem: 'the configuration is larger than 1 MiB' };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, length)) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { problem: 'the configuration is not UTF-8 text' };
    return { problem: `the configuration cannot be read (${code ?? 'unknown'})` };
  } finally {
    if (file !== undefined) closeSync(file);
  }
};
