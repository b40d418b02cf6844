/** Prints the closing line of a test run out of jest's JSON; fails where no test ran. */
const { readFileSync } = require('node:fs');

const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(
  readFileSync(process.argv[2], 'utf8'),
);
if (numPassedTests + numFailedTests === 0) process.exitCode = 1;
// A suite that could not even load counts as a failure of its own.
const failed = numFailedTests + numRuntimeErrorTestSuites;
console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`);
