import { EventEmitter } from 'node:events';
import { createContext } from '../../src/bin/context';
import { interruption } from '../../src/bin/interrupted';

/** As much of a process as a context looks at. */
const fakeProcess = (environment: NodeJS.ProcessEnv, tty: boolean) => {
  const exits: number[] = [];
  const said: string[] = [];
  const stream = () =>
    Object.assign(new EventEmitter(), { isTTY: tty, columns: 100, write: (text: string) => said.push(text) });
  const fake = Object.assign(new EventEmitter(), {
    stdout: stream(),
    stderr: stream(),
    env: environment,
    exit: (code: number) => exits.push(code),
  });
  return { fake, exits, said, context: createContext(fake as unknown as NodeJS.Process) };
};

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('the first %s asks to stop, the second ends the process at once', (signal, code) => {
  const { fake, exits, context } = fakeProcess({}, false);
  expect(context.stop.aborted).toBe(false);
  fake.emit(signal);
  expect([context.stop.aborted, interruption(context.stop), exits]).toEqual([true, code, []]);
  fake.emit(signal);
  expect(exits).toEqual([code]);
});

test('a closed pipe on stdout is no fault, a full disk is one, and stderr never is', () => {
  const pipe = fakeProcess({}, false);
  pipe.fake.stdout.emit('error', Object.assign(new Error(), { code: 'EPIPE' }));
  expect([pipe.exits, pipe.said]).toEqual([[0], []]);
  const disk = fakeProcess({}, false);
  disk.fake.stderr.emit('error', new Error());
  expect(disk.exits).toEqual([]);
  disk.fake.stdout.emit('error', Object.assign(new Error(), { code: 'ENOSPC' }));
  expect([disk.exits, disk.said]).toEqual([[1], ['keywatch: standard output cannot be written (ENOSPC)\n']]);
});

test.each([
  [true, {}, true],
  [true, { NO_COLOR: '1' }, false],
  [false, {}, false],
])('terminal %s with %p: colour %s', (tty, environment, colour) => {
  const { terminal } = fakeProcess(environment, tty).context;
  expect(terminal).toMatchObject({ colour: { out: colour, err: colour }, outIsTty: tty, errIsTty: tty, width: 100 });
});
