/** The reply of the demo model: a bit of everything that Markdown can contain. */
export const DEMO_PAGE = `# A sample page

This is the **demo model**. It always replies with this page and streams it at about reading speed,
so that you can try streaming, stopping, prices and the look of replies without a provider.

## What a message costs

A price can have a fee per message and rates for input and output. Before the model is called, the
most that its reply can cost is reserved; afterwards, the actual cost is charged and the rest is
released.

| Outcome                       | Charged                   | Kept                  |
| ----------------------------- | ------------------------- | --------------------- |
| complete, with usage          | the cost of that usage    | the reply             |
| complete, without usage       | our count of the tokens   | the reply             |
| failed before the first word  | nothing                   | your message          |
| interrupted                   | what arrived until then   | the partial reply     |
| stopped                       | what arrived until then   | the partial reply     |

The cost of a reply is

$$
c = p + \\left\\lceil \\frac{(n_i - n_c)\\,r_i + n_c\\,r_c + n_o\\,r_o}{10^6} \\right\\rceil
$$

where $p$ is the price per message, $n_i$ the input tokens, $n_c$ those of them that were cached,
$n_o$ the output tokens, and each $r$ the rate per million tokens. The sum is rounded up once.

## Some code

A balance that is checked in the same statement that changes it cannot be overdrawn by two
concurrent requests:

\`\`\`sql
UPDATE accounts
SET held = held + :most
WHERE id = :account AND posted - held >= :most
RETURNING posted - held AS available;
\`\`\`

And a function in another language:

\`\`\`ts
/** The largest of some numbers; undefined if there are none. */
export function largest(numbers: readonly number[]): number | undefined {
  let found: number | undefined;
  for (const number of numbers) {
    if (found === undefined || number > found) found = number;
  }
  return found;
}
\`\`\`

## A nested list

1. Sign up.
2. Ask a question.
   - Short questions cost little.
   - Long ones cost more if input is charged.
3. See what it cost: the exact cost is shown with each reply, and every charge is in the
   statement of your account.

> A quote can contain a [link](https://example.org/) and some \`code\`.

### Other scripts

Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. Съешь же ещё этих мягких
французских булок. 色は匂へど散りぬるを。 نص حكيم له سر قاطع. 👩‍🔬 🧮 ✨

---

That is all. *Ask again*, and you get the same reply.
`;
