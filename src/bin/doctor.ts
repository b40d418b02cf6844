import { faultText, loadConfig } from '../adapters/config-file';
import { type Finding, standings } from '../adapters/doctor/finding';
import { examine } from '../app/doctor';
import type { CommandContext } from '../options';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';

/** `keywatch doctor`: 0 when all is well or only warned of, 1 when a check failed, 2 for the configuration. */
export const doctor = async (
  { config: path, json }: { readonly config: string; readonly json: boolean },
  context: CommandContext,
): Promise<number> => {
  const { out } = context.terminal;
  // A secret that is missing is a finding among others: the rest is worth looking at all the same.
  const loaded = loadOrExplain(path, context.terminal, { checkFiles: false });
  if (loaded === undefined) return exitCodes.configuration;
  const files = loadConfig(path);
  const fileFaults = files.ok ? [] : files.faults.map(faultText);
  const findings = await examine({ config: loaded.config, fileFaults, now: Date.now });
  const failed = findings.some(({ standing }) => standing === 'failed');
  if (json) {
    const list = findings.map(({ check, standing, saw, todo }) => ({ check, standing, saw, todo: todo ?? null }));
    out.write(`${JSON.stringify({ ok: !failed, findings: list })}\n`);
  } else out.write(findingsText(findings));
  return failed ? exitCodes.fault : exitCodes.ok;
};

/** One line a finding, below it what to do; at the end how many there are of each standing. */
export const findingsText = (findings: readonly Finding[]): string => {
  const lines = findings.flatMap(({ check, standing, saw, todo }) => [
    `${standing.padEnd(9)}${check}: ${saw}`,
    ...(todo === undefined ? [] : [`${' '.repeat(9)}→ ${todo}`]),
  ]);
  const counts = standings.map((name) => `${findings.filter(({ standing }) => standing === name).length} ${name}`);
  return `${lines.map(oneLine).join('\n')}\n\n${counts.join(', ')}\n`;
};

/** Servers have a say in some texts. */
const oneLine = (text: string): string => text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, '?');
