"""Rehearsal: a plan run before it is carried out, contact by contact through queues at agents, halls and couriers."""
