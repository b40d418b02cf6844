import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectories } from '../support/files';
import { goldenStream } from '../support/golden-streams';

const root = join(__dirname, '..', '..');
const directory = temporaryDirectories();

const keywatch = (folder: string, ...args: string[]) =>
  spawnSync(
    process.execPath,
    ['-r', join(root, 'bench', 'register.js'), join(root, 'src', 'bin', 'keywatch.ts'), ...args],
    { cwd: folder, encoding: 'utf8' },
  );

async function folderWith(policy: string): Promise<string> {
  const folder = await directory();
  writeFileSync(join(folder, 'access.ndjson'), goldenStream('keywatch.ndjson', 35).join('\n'));
  writeFileSync(join(folder, 'new.yaml'), policy);
  return folder;
}

const suspicious = `policy:
  rules:
    - { name: eager, when: { risk: 50, signs: 2 }, action: suspend, for: 2h }
enforce: { breaker: { count: 50, share: 1 } }
`;

test('says which keys a proposed policy would have suspended, when, why and for how long', async () => {
  const folder = await folderWith(suspicious);
  const { stdout, status } = keywatch(folder, 'replay', 'access.ndjson', '--policy', 'new.yaml', '--json');
  expect(status).toBe(0);
  const { present, proposed, keys } = JSON.parse(stdout);
  expect(proposed.keys).toBe(1);
  expect(proposed.actions).toBeGreaterThanOrEqual(1);
  expect(present.actions).toBeLessThanOrEqual(proposed.actions);
  const [{ differs, proposed: acted }] = keys;
  expect(differs).toBe(true);
  expect(acted[0]).toMatchObject({ action: 'suspend', rule: 'eager' });
  expect(Date.parse(acted[0].until) - Date.parse(acted[0].from)).toBe(2 * 3_600_000);
  expect(acted[0].reason.length).toBeGreaterThan(20);

  const page = keywatch(folder, 'replay', 'access.ndjson', '--policy', 'new.yaml');
  expect(page.stdout).toContain('for 2 h, by eager');
});

test('a policy that is none is refused with its place', async () => {
  const folder = await folderWith('policy:\n  rules:\n    - { name: Bad Name, action: destroy }\n');
  const { stderr, status } = keywatch(folder, 'replay', 'access.ndjson', '--policy', 'new.yaml');
  expect(status).toBe(2);
  expect(stderr).toMatch(/new\.yaml:3: policy\.rules\[0\]/);
});
