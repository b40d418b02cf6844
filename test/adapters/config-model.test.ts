import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../src/adapters/config-file';
import { modelFindings } from '../../src/app/doctor-model';
import { configSchema } from '../../src/config';
import { keywatch } from '../support/keywatch';
import { inFolder, modelIn } from '../support/model-files';

const document = (model: object) => ({ source: { kind: 'stdin' }, detect: { model } });
const faults = (model: object, checkFiles = true): string[] => {
  const read = readConfig(JSON.stringify(document(model)), { checkFiles });
  return read.ok ? [] : read.faults.map(({ path, expected }) => `${path}: ${expected}`);
};
const found = (model: object) =>
  modelFindings(configSchema.parse(document(model))).map(({ standing, saw }) => [standing, saw]);

test('a folder that is no model, or a broken one, is a fault of the configuration and named with what is wrong', () =>
  inFolder(async (dir) => {
    const { folder } = await modelIn(join(dir, 'good'));
    expect(faults({ path: folder })).toEqual([]);
    const none = join(dir, 'none');
    const missing = `expected a model: ${none}`;
    expect(faults({ path: none, beside: folder })).toEqual([expect.stringContaining(`detect.model.path: ${missing}`)]);
    writeFileSync(join(folder, 'weights.bin'), Buffer.alloc(12));
    expect(faults({ beside: folder })).toEqual([expect.stringMatching(/^detect\.model\.beside: .*12 bytes/)]);
  }));

test('where it stops no start it is no fault', () => {
  const path = '/nowhere';
  expect(faults({ path, mode: 'off' })).toEqual([]);
  expect(faults({ path, onBadModel: 'ignore' })).toEqual([]);
  expect(faults({ path }, false)).toEqual([]);
});

test('doctor says which models are in place, warns of one that is left out and fails for one that stops the start', () =>
  inFolder(async (dir) => {
    const { folder } = await modelIn(join(dir, 'good'));
    expect(found({})).toEqual([['ok', expect.stringMatching(/^default, trained 20\d\d-.*in shadow/)]]);
    expect(found({ mode: 'off', path: '/nowhere' })).toEqual([]);
    expect(found({ mode: 'on', path: folder, beside: '/nowhere', onBadModel: 'ignore' })).toEqual([
      ['ok', expect.stringContaining('in use')],
      ['warning', expect.stringContaining('/nowhere')],
    ]);
    expect(found({ path: '/nowhere' })).toEqual([['failed', expect.stringContaining('/nowhere')]]);
  }));

test('check-config and doctor tell of a bad model once', async () => {
  await inFolder(async (dir) => {
    const file = join(dir, 'keywatch.yaml');
    const told = async (model: object, command: string) => {
      writeFileSync(file, JSON.stringify({ ...document(model), state: { dir: join(dir, 'state') } }));
      const process = keywatch([command, '-c', file]);
      const code = await process.ended();
      return { code, text: process.said() + process.printed() };
    };
    const times = (text: string) => text.split('no such model').length - 1;
    const bad = { path: '/nowhere' };
    const [checked, doctor] = [await told(bad, 'check-config'), await told(bad, 'doctor')];
    expect([checked.code, times(checked.text), doctor.code, times(doctor.text)]).toEqual([2, 1, 1, 1]);
    const ignored = await told({ ...bad, onBadModel: 'ignore' }, 'check-config');
    expect([ignored.code, times(ignored.text)]).toEqual([0, 1]);
  });
});
