import { faultText, type LoadOptions, loadConfig } from '../adapters/config-file';
import type { EffectiveValue } from '../adapters/config-show';
import type { Config } from '../config';
import { detectors } from '../detect/registry';
import type { Terminal } from '../options';

/** The configuration, or undefined after all its faults were written to `err`, each with file and line. */
export const loadOrExplain = (
  path: string,
  terminal: Terminal,
  options: Pick<LoadOptions, 'checkFiles'> = {},
): { readonly config: Config; readonly origins: readonly EffectiveValue[] } | undefined => {
  const loaded = loadConfig(path, { ...options, detectors: detectors.map((detector) => detector.name) });
  if (loaded.ok) return loaded;
  for (const fault of loaded.faults) {
    terminal.err.write(`${path}${fault.line === undefined ? '' : `:${fault.line}`}: ${faultText(fault)}\n`);
  }
  const count = loaded.faults.length;
  terminal.err.write(`keywatch: ${count} ${count === 1 ? 'fault' : 'faults'} in ${path}\n`);
  return undefined;
};
