import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSecretFiles, openSecretText, secretStandings } from '../../src/adapters/secret-standing';
import { resolveSecret, SecretError, secretPlace, secretProblem } from '../../src/adapters/secrets';

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
    expect(secretProblem('env:A', {})).toBe('the environment variable A is not set, nor is A_FILE');
    expect(secretProblem('env:A', { A: '' })).toBe('the environment variable A is empty');
    expect(secretProblem(`file:${dir}/empty`)).toContain('is empty');
    expect(secretProblem(`file:${dir}`)).toContain('not a plain file');
    expect(secretProblem(`file:${dir}/large`)).toMatch(/too large.*64 KiB/);
    expect(secretProblem(`file:${dir}/large`)).not.toContain('canary');
    expect(() => resolveSecret('canary')).toThrow(SecretError);
    expect(secretProblem('canary')).not.toContain('canary');
    expect(secretProblem('env:A', { A: 'x' })).toBeUndefined();
  });

  test('NAME_FILE leads to a file where NAME is absent; with both nobody guesses', () => {
    const path = join(dir, 'pepper');
    writeFileSync(path, 'from file\n');
    expect(resolveSecret('env:A', { A_FILE: path })).toBe('from file');
    expect(resolveSecret('env:A', { A: '', A_FILE: path })).toBe('from file');
    expect(resolveSecret('env:A', { A: 'x', A_FILE: '' })).toBe('x');
    expect(secretProblem('env:A', { A: 'canary', A_FILE: path })).toBe(
      'both environment variables A and A_FILE are set; keep one',
    );
    expect(secretProblem('env:A', { A_FILE: `${path}.none` })).toContain('cannot be read (ENOENT)');
    // A file is named by its own path, and its _FILE is none of a variable's.
    expect(secretPlace(`file:${path}`, { A_FILE: 'x' })).toEqual({ kind: 'file', path });
  });
});

describe('how it stands with the secrets of a configuration', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'keywatch-standing-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('says where each comes from and whether it is there, and nothing of what it is', () => {
    writeFileSync(join(dir, 'a'), 'canary-in-file\n');
    const document = {
      ingest: { pepperFrom: 'env:PEPPER' },
      alerts: [{ tokenFrom: `file:${dir}/a` }, { urlFrom: 'env:URL' }, { secretFrom: 'env:NONE' }],
      tierFrom: 'no reference',
    };
    const standings = secretStandings(document, { PEPPER: 'canary', URL_FILE: `${dir}/a` });
    expect(standings).toEqual([
      { path: 'ingest.pepperFrom', place: 'environment variable PEPPER', problem: undefined },
      { path: 'alerts[0].tokenFrom', place: `file ${dir}/a`, problem: undefined },
      { path: 'alerts[1].urlFrom', place: `environment variable URL_FILE, file ${dir}/a`, problem: undefined },
      expect.objectContaining({ place: 'environment variable NONE', problem: expect.stringContaining('not set') }),
    ]);
    expect(JSON.stringify(standings)).not.toContain('canary');
  });

  test('a file that every user can read is told of, but not what a container runtime mounts', () => {
    for (const [name, mode] of [
      ['shut', 0o600],
      ['group', 0o640],
      ['open', 0o644],
    ] as const) {
      writeFileSync(join(dir, name), 'x');
      chmodSync(join(dir, name), mode);
    }
    const document = {
      a: { oneFrom: `file:${dir}/shut`, twoFrom: `file:${dir}/group`, threeFrom: 'env:THREE' },
      source: { tls: { caFile: `${dir}/open`, keyFile: `${dir}/open` } },
      b: { fourFrom: 'file:/run/secrets/none', fiveFrom: `file:${dir}/missing` },
    };
    const open = openSecretFiles(document, { THREE_FILE: `${dir}/open` });
    expect(open.map(({ setting }) => setting)).toEqual(['a.threeFrom', 'source.tls.keyFile']);
    expect(openSecretText(open[0])).toContain(`${dir}/open (mode 0644); chmod 600`);
  });
});
