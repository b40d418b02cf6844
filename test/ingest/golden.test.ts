import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createIngest } from '../../src/ingest/ingest';
import { createKeyHasher } from '../../src/ingest/pepper';

const dir = join(__dirname, 'samples');
const samples = readdirSync(dir).filter((name) => !name.endsWith('.expected.json'));
const hasher = createKeyHasher({ pepper: Buffer.from('a pepper for tests'), version: 1 });

/** Each sample is one record of a log (a batch where it holds several requests); its expectation stands beside it. */
describe.each(samples)('sample %s', (name) => {
  const format = (['keywatch', 'kong', 'nginx-json', 'nginx-combined'] as const).find((each) => name.startsWith(each));
  const record = readFileSync(join(dir, name));
  const expected = JSON.parse(readFileSync(join(dir, `${name.replace(/\.\w+$/, '')}.expected.json`), 'utf8'));
  const options = {
    keyIs: 'auto',
    hashKey: hasher.hash,
    trustedProxies: ['10.0.0.0/8'],
    maxRecordBytes: 1_048_576,
  } as const;

  test('becomes the expected events and rejections', () => {
    const results = createIngest({ ...options, format: format! }).ingest(record);
    expect(JSON.parse(JSON.stringify(results))).toEqual(expected);
    expect(results.map((result) => result.index)).toEqual(results.map((_, i) => i));
  });

  test('is recognised by auto, with the same results', () => {
    const ingest = createIngest({ ...options, format: 'auto' });
    expect(JSON.parse(JSON.stringify(ingest.ingest(record)))).toEqual(expected);
    expect(ingest.format()).toBe(format);
    expect(ingest.formatReason()).toMatch(/^recognised by /);
  });
});
