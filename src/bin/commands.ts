import { auditCommand } from './commands/audit';
import { checkConfigCommand } from './commands/check-config';
import { demoCommand } from './commands/demo';
import { doctorCommand } from './commands/doctor';
import { evaluateCommand } from './commands/evaluate';
import { expectCommand } from './commands/expect';
import { forgetCommand } from './commands/forget';
import { initCommand } from './commands/init';
import { keyCommand } from './commands/key';
import { learnCommand } from './commands/learn';
import { replayCommand } from './commands/replay';
import { reportCommand } from './commands/report';
import { runCommand } from './commands/run';
import { setupCommand } from './commands/setup';
import { simulateCommand } from './commands/simulate';
import { statusCommand } from './commands/status';
import { testAlertCommand } from './commands/test-alert';
import { testWebhookCommand } from './commands/test-webhook';
import { trainCommand } from './commands/train';

/** The commands: what the parser accepts, what the help says and what is carried out come from this one table. */
export const commands = {
  demo: demoCommand,
  replay: replayCommand,
  evaluate: evaluateCommand,
  report: reportCommand,
  train: trainCommand,
  init: initCommand,
  learn: learnCommand,
  run: runCommand,
  expect: expectCommand,
  forget: forgetCommand,
  key: keyCommand,
  setup: setupCommand,
  simulate: simulateCommand,
  doctor: doctorCommand,
  status: statusCommand,
  audit: auditCommand,
  'test-alert': testAlertCommand,
  'test-webhook': testWebhookCommand,
  'check-config': checkConfigCommand,
} as const;

export type CommandName = keyof typeof commands;
export const commandNames = Object.keys(commands) as CommandName[];
export const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name);
