import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BREAKER_REQUEST, takeBreakerRequest } from '../../../src/adapters/file/breaker-request';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'keywatch-breaker-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('nobody asked: nothing happens', async () => {
  const asked: string[] = [];
  await takeBreakerRequest(dir, async (by) => void asked.push(by));
  expect(asked).toEqual([]);
});

test('a request is taken once, with the name in it', async () => {
  const asked: string[] = [];
  writeFileSync(join(dir, BREAKER_REQUEST), 'ada\n');
  await takeBreakerRequest(dir, async (by) => void asked.push(by));
  await takeBreakerRequest(dir, async (by) => void asked.push(by));
  expect(asked).toEqual(['ada']);
  expect(existsSync(join(dir, BREAKER_REQUEST))).toBe(false);
});

test('a crash before the reset was recorded asks again', async () => {
  writeFileSync(join(dir, BREAKER_REQUEST), '');
  await expect(takeBreakerRequest(dir, () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
  const asked: string[] = [];
  await takeBreakerRequest(dir, async (by) => void asked.push(by));
  expect(asked).toEqual(['a person with access to the state directory']);
});
