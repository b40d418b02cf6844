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
  // One suite at a time: those on a real Kafka share one broker. In a process of its own, which is replaced when it has
  // grown: what a failed suite leaves open does not keep the run from its end.
  maxWorkers: 1,
  workerIdleMemoryLimit: '1GB',
  testTimeout: 30_000,
};
