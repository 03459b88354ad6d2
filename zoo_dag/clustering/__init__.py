"""Clusters of what volunteers mark, whatever it is: anything with a distance and a volunteer.

Exact DBSCAN for very many groups at once (`dbscan`), and the overlap of boxes and of intervals (`boxes`).
"""
