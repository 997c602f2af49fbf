/** What the page says of models: thinking, settings, the picker, costs and comparing. */
export const modelsEn = {
  thinkingFor: (seconds: string) => `Thinking… ${seconds} s`,
  thoughtFor: (seconds: string) => `Thought for ${seconds} s`,
  thought: 'Thought',
  thoughtMissing: 'What the model thought cannot be read just now.',
  costOfThinking: (cost: string) => `about ${cost} for thinking`,
};

export type ModelStrings = typeof modelsEn;
