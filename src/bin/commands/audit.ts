import { type RecordKind, recordKinds } from '../../adapters/audit/line';
import { nearest } from '../../adapters/nearest';
import { command, help } from '../command';
import { oneOf, text, type Words } from '../words';

const verbs = ['verify', 'show'] as const;

export interface AuditInvocation {
  readonly command: 'audit';
  readonly verb: (typeof verbs)[number];
  /** A folder, or files. */
  readonly paths: readonly string[];
  readonly publicKey: string | undefined;
  /** Files, or JSON. */
  readonly heads: readonly string[];
  readonly kind: RecordKind | undefined;
}

export const auditCommand = command({
  summary: 'Check that nobody has changed the audit log, or read it.',
  usage:
    'keywatch audit verify DIR|FILE… [--public-key FILE] [--head FILE|JSON]…\n       keywatch audit show DIR|FILE… [--kind KIND]',
  about: [
    'verify: reads the log, DIR being the folder audit of the state directory or a copy of it, from its first record',
    'to its last, and names the first one that was changed, cut, swapped or put in: file, line and what is wrong. It',
    'needs no network and no running process. With --head, a head that the SIEM kept, it also sees what was cut off',
    'the end.',
    'show: prints the records, one a line, as far as they are whole.',
    'Code 0: all is whole; 1: it is not, or there is nothing to look at.',
  ],
  options: {
    'public-key': { type: 'string', value: 'FILE', help: 'PEM, kept elsewhere (default: DIR/public-key.pem).' },
    head: {
      type: 'string',
      value: 'HEAD',
      many: true,
      help: 'A notice audit-head of the SIEM: JSON, or a file of it.',
    },
    kind: { type: 'string', value: 'KIND', help: 'show: only these, such as action, release, config.' },
    help,
  },
  files: Number.POSITIVE_INFINITY,
  examples: [
    [
      'With the key and a head that lie elsewhere',
      'keywatch audit verify state/audit --public-key audit.pem --head head.json',
    ],
    ['What was released, and by whom?', 'keywatch audit show state/audit --kind release'],
  ],
  read,
  run: (invocation, context) => (require('../audit') as typeof import('../audit')).audit(invocation, context),
});

function read(words: Words): AuditInvocation {
  const [named, ...paths] = words.files;
  const verb = verbs.find((one) => one === named);
  if (named === undefined) words.faults.push('what to do is missing: verify or show');
  else if (verb === undefined) {
    const near = nearest(named, verbs);
    words.faults.push(
      `audit cannot ${JSON.stringify(named)}: expected verify or show${near === undefined ? '' : `; did you mean ${near}?`}`,
    );
  } else if (paths.length === 0) words.faults.push('a folder or file is missing, such as state/audit');
  for (const name of verb === 'show' ? ['public-key', 'head'] : verb === 'verify' ? ['kind'] : []) {
    if (words.options.has(name)) words.faults.push(`--${name} does not go with audit ${verb}`);
  }
  return {
    command: 'audit',
    verb: verb ?? 'verify',
    paths,
    publicKey: text(words, 'public-key'),
    heads: words.repeated.get('head') ?? [],
    kind: oneOf(words, 'kind', recordKinds),
  };
}
