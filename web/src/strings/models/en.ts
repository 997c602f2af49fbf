import { nounsOf } from '../plurals.ts';

const noun = nounsOf('en');
/** @param count as it is written */
const tokens = (count: string) => `${count} ${noun(count, 'token', 'tokens')}`;

/** What the page says of models: thinking, settings, the picker, costs and comparing. */
export const modelsEn = {
  thinkingFor: (seconds: string) => `Thinking… ${seconds} s`,
  thoughtFor: (seconds: string) => `Thought for ${seconds} s`,
  thought: 'Thought',
  thoughtMissing: 'Couldn’t load what the model thought.',
  costOfThinking: (cost: string) => `about ${cost} for thinking`,
  about: (usual: string) => `about ${tokens(usual)}`,
  perMessage: (price: string) => tokens(price),
  aboutAtMost: (usual: string, most: string) => `About ${tokens(usual)}, at most ${most}`,
  twoAnswers: (cost: string) => `${cost} for two answers`,
  stillAnswering: 'An answer is being written. Wait for it, or stop it.',
  chooseAnother: 'Another model',
  allModels: 'All models…',
  useInstead: 'Use instead:',
  regenerateWith: 'Regenerate with…',
  comparison: 'Two answers to compare',
  continueWith: (model: string) => `Continue with ${model}`,
  modelLabel: 'Model: ',
  efforts: {
    none: 'Off',
    minimal: 'Minimal',
    low: 'Low',
    medium: 'Medium',
    high: 'High',
    xhigh: 'Very high',
    max: 'Most',
  },
};

export type ModelStrings = typeof modelsEn;
