import { clockFinding } from '../adapters/doctor/clock';
import { type Disk, freeSpace, readable, stateLock, stateWritable, systemDisk } from '../adapters/doctor/disk';
import type { Examined } from '../adapters/doctor/examined';
import { CHECK_MS, codeText, type Finding, failed, faultText, ok, warning, within } from '../adapters/doctor/finding';
import { openSecretFiles } from '../adapters/secret-standing';
import type { Config } from '../config';
import { modelFindings } from './doctor-model';
import { enforcementFindings, outputFindings } from './doctor-outputs';
import { settingFindings } from './doctor-settings';
import { sourceFindings } from './doctor-source';

export interface DoctorOptions {
  readonly config: Config;
  /** What is wrong with secrets and files that the configuration names, as `check-config` says it. */
  readonly fileFaults: readonly string[];
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly disk?: Disk;
}

/**
 * Looks at everything that a run with this configuration would touch, and changes nothing of it (a small file is written
 * into the state directory and removed again; ports of listeners are listened on for a moment). Each check has a time of its own. Never rejects for what it finds.
 */
export async function examine(options: DoctorOptions): Promise<readonly Finding[]> {
  const { config, now } = options;
  const [own, settings, source, enforcement, ...outputs] = await Promise.all([
    guarded('this machine', async () => ({ findings: await ownFindings(options), clocks: [] })),
    guarded('settings', async () => ({ findings: await settingFindings(config), clocks: [] })),
    guarded('source', () => sourceFindings(config, now)),
    guarded('enforcement', async () => ({ findings: await enforcementFindings(config), clocks: [] })),
    ...config.alerts.map((output, i) => guarded(`alerts[${i}]`, () => outputFindings(output, `alerts[${i}]`, now))),
    ...config.deadLetters.map((output, i) =>
      guarded(`deadLetters[${i}]`, () => outputFindings(output, `deadLetters[${i}]`, now)),
    ),
  ]);
  const parts = [source, ...outputs];
  return [
    ...configurationFindings(options.fileFaults),
    ...own.findings,
    ...settings.findings,
    // A bad model that is named in the configuration is a fault of that already.
    ...modelFindings(config).filter(({ saw }) => !options.fileFaults.some((fault) => fault.includes(saw))),
    clockFinding(parts.flatMap(({ clocks }) => clocks)),
    ...source.findings,
    ...outputs.flatMap(({ findings }) => findings),
    ...enforcement.findings,
  ];
}

/** A check that cannot even be begun, for example without its secret, is a finding too. */
async function guarded(check: string, work: () => Promise<Examined>): Promise<Examined> {
  try {
    return await work();
  } catch (error) {
    return { findings: [failed(check, faultText(error), 'put that right, then run doctor again')], clocks: [] };
  }
}

const configurationFindings = (fileFaults: readonly string[]): readonly Finding[] =>
  fileFaults.length === 0
    ? [ok('configuration', 'sound; the secrets and files that it names can be read')]
    : fileFaults.map((fault) =>
        failed('configuration', fault, 'provide the secret or file, or correct the name; then keywatch check-config'),
      );

async function ownFindings({ config, disk = systemDisk }: DoctorOptions): Promise<readonly Finding[]> {
  const { dir } = config.state;
  const failing = (check: string) => (error: unknown) =>
    failed(check, codeText(error), 'see whether the user that runs keywatch may look there');
  return Promise.all([
    within(CHECK_MS, () => stateWritable(dir, disk)).catch(failing('state directory')),
    within(CHECK_MS, () => freeSpace(dir, disk)).catch(failing('free space')),
    within(CHECK_MS, () => stateLock(dir)).catch(failing('state lock')),
    ...config.addressLists.map(({ name, path }) => readable(`address list ${name}`, path)),
    ...openSecretFiles(config).map(({ setting, file, mode }) =>
      warning(`secret ${setting}`, `every user of this machine can read ${file} (mode ${mode})`, `chmod 600 ${file}`),
    ),
  ]);
}
