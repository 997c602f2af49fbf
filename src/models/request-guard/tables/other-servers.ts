/**
 * Members that OpenAI's APIs do not have, and that other servers with the same APIs take:
 * OpenRouter (https://openrouter.ai/docs/api-reference/parameters), vLLM
 * (https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html), llama.cpp
 * (https://github.com/ggml-org/llama.cpp/tree/master/tools/server), Ollama
 * (https://docs.ollama.com/api/openai-compatibility), Gemini
 * (https://ai.google.dev/gemini-api/docs/openai), xAI, Groq, Mistral, DeepSeek and DashScope.
 */
import {
  atProvider,
  closed,
  each,
  forbidden,
  free,
  list,
  type Members,
  open,
  SEARCH,
  types,
  unmetered,
  unseen,
} from '../rules.ts';

const LIMIT = 'Chit sets the limit of the output from the one that the API has.';
const ANSWERS = 'Use "n" for several answers.';

/** Set limits and numbers of answers behind the back of the API. No setting allows them. */
const CONTROLS: Members = {
  ...each(forbidden(LIMIT), 'n_predict num_predict max_new_tokens max_length max_gen_len options'),
  ...each(forbidden(ANSWERS), 'n_cmpl best_of use_beam_search num_beams num_return_sequences'),
};

/** Choose another model than the one whose price is charged, or who serves it at which price. */
const ROUTES: Members = {
  ...each(
    unmetered('model_choice'),
    'models route fallbacks preset engine deployment deployment_id context_window_fallbacks ' +
      'compound_custom lora_request adapter_id',
  ),
  ...each(
    unmetered('provider_choice'),
    'provider provider_options api_base base_url api_key api_version custom_llm_provider gateway ' +
      'providerOptions',
  ),
};

/** Plugins of OpenRouter (https://openrouter.ai/docs/guides/features/plugins). */
const PLUGIN = open({
  id: types({
    web: SEARCH,
    'file-parser': unmetered('file_parser'),
    'auto-router': unmetered('model_choice'),
    'pareto-router': unmetered('model_choice'),
    fusion: unmetered('model_choice'),
    moderation: free,
    'response-healing': free,
    'context-compression': free,
  }),
});

/** What Gemini takes within `extra_body`. */
const GOOGLE = closed({
  ...each(free, 'thinking_config thought_tag_marker safety_settings image_config'),
  cached_content: unseen,
  tools: atProvider(1, unmetered('google_tools')),
});

/** Sampling, reasoning, templates and output formats. */
const HARMLESS =
  // Sampling.
  'top_k min_p top_a typical_p typical top_n_sigma tfs_z repetition_penalty repeat_penalty ' +
  'repeat_last_n length_penalty no_repeat_ngram_size temperature_last dynatemp_range ' +
  'dynatemp_exponent xtc_probability xtc_threshold dry_multiplier dry_base dry_allowed_length ' +
  'dry_penalty_last_n dry_sequence_breakers mirostat mirostat_tau mirostat_eta mirostat_mode ' +
  'adaptive_target adaptive_decay samplers sampler_seed n_probs min_keep random_seed do_sample ' +
  'stop_token_ids bad_words banned_tokens allowed_token_ids ignore_eos min_tokens ' +
  'include_stop_str_in_output skip_special_tokens spaces_between_special_tokens ' +
  'prompt_logprobs return_tokens_as_token_ids return_token_ids return_tokens return_progress ' +
  'backend_sampling post_sampling_probs repetition_detection echo early_stopping ' +
  // Reasoning.
  'include_reasoning reasoning_format reasoning_split reasoning_in_content enable_thinking ' +
  'thinking_token_budget reasoning_budget reasoning_budget_tokens thinking_forced_open ' +
  'think preserve_thinking clear_thinking prompt_mode ' +
  // Templates and formats.
  'add_generation_prompt continue_final_message add_special_tokens chat_template_kwargs ' +
  'structured_outputs guided_json guided_regex guided_choice guided_grammar ' +
  'guided_decoding_backend guided_whitespace_pattern json_schema grammar grammar_lazy ' +
  'grammar_triggers preserved_tokens parse_tool_calls format ' +
  // Caches, scheduling and observability.
  'cache_prompt cache_salt id_slot n_keep n_discard n_indent n_cache_reuse keep_alive priority ' +
  'request_id t_max_predict_ms timings_per_token truncate_prompt_tokens session_id trace debug ' +
  'client_metadata usage transforms image_config user_id safe_prompt guardrails ' +
  'citation_options disable_tool_validation search_settings exclude_domains include_domains ' +
  'search_options lora tags litellm_metadata drop_params';

/** For the tables of OpenAI's APIs. */
export const OTHER_SERVERS: Members = {
  ...each(free, HARMLESS),
  ...CONTROLS,
  ...ROUTES,
  plugins: list(PLUGIN),
  extra_body: closed({ google: GOOGLE }),
  google: GOOGLE,
  cached_content: unseen,
  /** A template can repeat its input. */
  chat_template: unseen,
  /** They set how many tokens a picture or a film has. */
  ...each(unseen, 'mm_processor_kwargs media_io_kwargs'),
  search_parameters: SEARCH,
  enable_search: SEARCH,
  enable_code_interpreter: unmetered('code_execution'),
  data_sources: unmetered('data_sources'),
  deferred: unmetered('background'),
  kv_transfer_params: unmetered('kv_transfer_params'),
  vllm_xargs: unmetered('vllm_xargs'),
};
