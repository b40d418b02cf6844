import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wantsColour } from '../adapters/terminal';
import type { CommandContext, Terminal } from '../options';
import { Interrupted } from './interrupted';

const terminalOf = (process: NodeJS.Process): Terminal => ({
  out: process.stdout,
  err: process.stderr,
  outIsTty: process.stdout.isTTY === true,
  errIsTty: process.stderr.isTTY === true,
  colour: { out: wantsColour(process.stdout, process.env), err: wantsColour(process.stderr, process.env) },
  width: process.stdout.columns || process.stderr.columns || 80,
});

const signals = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * The process as a command sees it. The first SIGINT or SIGTERM asks for a graceful stop, the second ends the process
 * at once. When the reader of stdout has gone (`| head`) the process ends quietly: what was not yet durable is done
 * again at the next start.
 */
export const createContext = (process: NodeJS.Process): CommandContext => {
  const stop = new AbortController();
  for (const [signal, code] of Object.entries(signals)) {
    process.on(signal, () => {
      if (stop.signal.aborted) return process.exit(code);
      stop.abort(new Interrupted(code));
    });
  }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return process.exit(0);
    process.stderr.write(`keywatch: standard output cannot be written (${error.code ?? 'unknown'})\n`);
    return process.exit(1);
  });
  // Without a place to talk to, work goes on.
  process.stderr.on('error', () => undefined);
  return { terminal: terminalOf(process), stop: stop.signal, version: version() };
};

/** Version of the package; this file lies two folders below its root, in `src` as in `dist`. */
const version = (): string => {
  const text = readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};
