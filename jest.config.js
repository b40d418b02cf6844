/** Tests run from source: @swc/jest strips the types, `npm run typecheck` checks them. */
module.exports = {
  rootDir: __dirname,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/run-start.js',
  globalTeardown: '<rootDir>/test/support/run-end.js',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // Many suites wait for servers and processes most of the time: one worker a core, also on two.
  maxWorkers: 2,
  testTimeout: 30_000,
};
