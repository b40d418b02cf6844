import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveSecret, SecretError, secretProblem } from '../../src/adapters/secrets';

describe('resolveSecret', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'keywatch-secrets-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('reads the environment and files; one line break at the end does not belong to the secret', () => {
    writeFileSync(join(dir, 'a'), 'hush hush \r\n');
    writeFileSync(join(dir, 'b'), 'two\n\n');
    expect(resolveSecret('env:A', { A: ' x ' })).toBe(' x ');
    expect(resolveSecret(`file:${dir}/a`)).toBe('hush hush ');
    expect(resolveSecret(`file:${dir}/b`)).toBe('two\n');
  });

  test('says where it looked and never what it found', () => {
    writeFileSync(join(dir, 'empty'), '\n');
    writeFileSync(join(dir, 'large'), 'canary'.repeat(20_000));
    expect(secretProblem('env:A', {})).toBe('the environment variable A is not set');
    expect(secretProblem('env:A', { A: '' })).toBe('the environment variable A is empty');
    expect(secretProblem(`file:${dir}/empty`)).toContain('is empty');
    expect(secretProblem(`file:${dir}`)).toContain('not a plain file');
    expect(secretProblem(`file:${dir}/large`)).toMatch(/too large.*64 KiB/);
    expect(secretProblem(`file:${dir}/large`)).not.toContain('canary');
    expect(() => resolveSecret('canary')).toThrow(SecretError);
    expect(secretProblem('canary')).not.toContain('canary');
    expect(secretProblem('env:A', { A: 'x' })).toBeUndefined();
  });
});
