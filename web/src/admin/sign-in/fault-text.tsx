import type { SignInFaultText } from '../types.ts';
import { words } from '../words/words.ts';

/** What is wrong and what to do, and the words of the program. */
export function FaultText({ fault }: { fault: SignInFaultText }) {
  const { signInFaults } = words.value;
  return (
    <>
      <p class="fault">{signInFaults[fault.code] ?? signInFaults.other}</p>
      <p class="hint long-text">{fault.reason}</p>
    </>
  );
}
