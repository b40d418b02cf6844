import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PUBLIC_KEY_FILE, publicKeysOf } from '../adapters/audit/key';
import type { AuditRecord } from '../adapters/audit/line';
import { readLine } from '../adapters/audit/line';
import { linesOf, segmentsIn } from '../adapters/audit/segments';
import { type AuditReport, verifyAudit, type Witness } from '../adapters/audit/verify';
import { witnessesIn } from '../adapters/audit/witness';
import { safeText } from '../adapters/terminal';
import { type CommandContext, OperatorError } from '../options';
import type { AuditInvocation } from './commands/audit';
import { exitCodes } from './exit-codes';

const MAX_FILE_BYTES = 16_777_216;
const MAX_SHOWN = 400;

/** `keywatch audit verify` and `show`: 0 when all is whole, 1 when it is not or cannot be read. */
export const audit = async (invocation: AuditInvocation, context: CommandContext): Promise<number> => {
  const { out, err } = context.terminal;
  const files = await filesOf(invocation.paths);
  if (files.length === 0) throw new OperatorError(`no audit log in ${invocation.paths.join(', ')}`);
  if (invocation.verb === 'show') {
    const { kind } = invocation;
    const onRecord = (record: AuditRecord) => {
      if (kind === undefined || record.kind === kind) out.write(`${shown(record)}\n`);
    };
    const report = await verifyAudit({ files, publicKeys: [], witnesses: [], onRecord });
    if (report.fault !== undefined) err.write(`keywatch: ${faultLine(report.fault)}; what follows is not shown\n`);
    return report.fault === undefined ? exitCodes.ok : exitCodes.fault;
  }
  const key = keyFile(invocation);
  const publicKeys = key === undefined ? [] : named(key.path, publicKeysOf);
  const witnesses = invocation.heads.flatMap(headsOf);
  const report = await verifyAudit({ files, publicKeys, witnesses });
  if (key === undefined) err.write('keywatch: no public key: signatures are not checked; give --public-key FILE\n');
  else if (key.beside)
    err.write(
      'keywatch: the public key lies beside the log, where who changes the one can change the other; keep a copy elsewhere\n',
    );
  out.write(reportText(report, witnesses.length, publicKeys.length > 0));
  return report.fault === undefined ? exitCodes.ok : exitCodes.fault;
};

/** A folder's segments, or files in the order of their first records. */
async function filesOf(paths: readonly string[]): Promise<readonly string[]> {
  const files: { readonly path: string; readonly seq: number }[] = [];
  for (const path of paths) {
    if (statSync(path).isDirectory()) {
      for (const { name, first } of await segmentsIn(path)) files.push({ path: join(path, name), seq: first });
    } else files.push({ path, seq: await firstSeq(path) });
  }
  return files.sort((a, b) => a.seq - b.seq).map(({ path }) => path);
}

/** 0 where the first line is no record: then the file comes first, and is what is complained of. */
async function firstSeq(path: string): Promise<number> {
  for await (const { line } of linesOf(path)) {
    const read = readLine(line);
    return read.ok ? read.record.seq : 0;
  }
  return 0;
}

function keyFile({
  publicKey,
  paths,
}: AuditInvocation): { readonly path: string; readonly beside: boolean } | undefined {
  if (publicKey !== undefined) return { path: publicKey, beside: false };
  for (const path of paths) {
    const beside = join(path, PUBLIC_KEY_FILE);
    if (statSync(path).isDirectory() && statSync(beside, { throwIfNoEntry: false })?.isFile())
      return { path: beside, beside: true };
  }
  return undefined;
}

const headsOf = (text: string): readonly Witness[] =>
  text.trimStart().startsWith('{') ? worded('--head', () => witnessesIn(text)) : named(text, witnessesIn);

/** What a file holds; what is wrong with it is told with its name. */
function named<T>(path: string, read: (text: string) => T): T {
  if (statSync(path).size > MAX_FILE_BYTES) throw new OperatorError(`${path}: too large`);
  const text = readFileSync(path, 'utf8');
  return worded(path, () => read(text));
}

function worded<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new OperatorError(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const faultLine = ({ file, line, seq, what }: NonNullable<AuditReport['fault']>): string =>
  safeText(`${file}:${line}${seq === undefined ? '' : ` (record ${seq})`}: ${what}`, MAX_SHOWN);

function reportText(report: AuditReport, witnesses: number, signed: boolean): string {
  const { fault, first, last, records, heads, unsigned, chain, lastAt, notes } = report;
  const lines = notes.map((note) => `note: ${safeText(note, MAX_SHOWN)}`);
  if (fault !== undefined) lines.push(`BAD  ${faultLine(fault)}`, `     ${records} records before it fit together`);
  else {
    const kept = witnesses === 0 ? 'no head from elsewhere was given' : `${witnesses} from elsewhere fit`;
    lines.push(
      `ok   records ${first} to ${last} of chain ${safeText(chain ?? '', 64)}, the last at ${safeText(lastAt ?? '', 40)}`,
      `     ${heads} ${signed ? 'signed heads' : 'heads, signatures not checked'}; ${kept}`,
      `     ${unsigned} records since the last head are held together by the chain alone`,
    );
  }
  return lines.map((line) => `${line}\n`).join('');
}

function shown({ seq, at, kind, by, subject, detail }: AuditRecord): string {
  const facts = Object.entries(detail).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const text = [String(seq).padStart(6), at, kind.padEnd(9), by, subject === '' ? '-' : subject, facts.join(' ')].join(
    '  ',
  );
  return safeText(text, 2_000);
}
