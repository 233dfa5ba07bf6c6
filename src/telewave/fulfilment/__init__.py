"""Fulfilment: parcels from the order to the cent, each with an owner and a due time until it is over."""
