/** What the choice of models says, which is loaded when it is first opened. */
export const modelListEn = {
  searchModels: 'Search models',
  noModels: 'No model has this in its name or description.',
  context: (size: string) => `${size} context`,
  readsPictures: 'reads pictures',
  readsPdf: 'reads PDF',
  thinks: 'thinks',
  usesTools: 'uses tools',
  isFailing: 'not answering right now',
  usually: { you: 'as in your chats', site: 'as in most chats here', estimate: 'estimated' },
  effort: 'Thinking',
  effortDefault: 'Default',
  effortCost: 'More thinking takes longer and costs more.',
  temperature: 'Temperature',
  temperatureDefault: 'Default',
  temperatureText: 'Low is exact, high is inventive.',
  settings: 'Settings for this chat',
  compareWith: 'Compare with',
  compareNone: 'No second model',
  compareText: 'The next message goes to both models and is paid as two messages.',
};

export type ModelListStrings = typeof modelListEn;
