"""The Steward's control loop: from what people decided (aliases, live.yaml, catalogue) to the state.

Plain Python without BentoML, so that every step can be tested by calling `Control.tick()`.
"""
