/**
 * Lets plain `node -r ./bench/register.js file.ts` run TypeScript: types are stripped by the compiler that the tests use,
 * nothing is checked (`npm run typecheck` does that) and nothing is written to disk.
 */
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    sourceMaps: 'inline',
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  module._compile(code, filename);
};
process.setSourceMapsEnabled(true);
